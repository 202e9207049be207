/*
 * JSON text: strings and numbers printed so that the result is JSON whatever the bytes are.
 *
 * For what is printed record by record and never held as a document.
 */
#ifndef PODIUM_BASE_JSON_TEXT_H
#define PODIUM_BASE_JSON_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Quoted and escaped; each byte that is not UTF-8 becomes U+FFFD. */
void json_text_string(FILE *to, const void *bytes, size_t size);

/* The shortest text that reads as the same number: "0.3", "1.0"; null where it is not finite. */
void json_text_float(FILE *to, float value);
void json_text_double(FILE *to, double value);

#endif
