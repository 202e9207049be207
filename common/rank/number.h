/*
 * Numbers in text that isn't terminated, the same in every locale.
 */
#ifndef PODIUM_RANK_NUMBER_H
#define PODIUM_RANK_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_MOST_BYTES ((size_t)64) // a longer number is taken for damage

/* A whole number that is all of the text: digits only, at most UINT32_MAX. */
bool number_whole(const char *text, size_t length, uint32_t *number);

/*
 * A finite decimal number that is all of the text, correctly rounded: 1, -0.5, 1e-05.
 * false for nan, infinity, hexadecimal digits, blanks, overflow, more than NUMBER_MOST_BYTES.
 */
bool number_real(const char *text, size_t length, double *number);

#endif
