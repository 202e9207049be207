/*
 * Difference: where two files differ first, in the words of what they hold.
 *
 * What compares one kind of file each is below; compare.h chooses between them.
 */
#ifndef PODIUM_AUDIT_DIFFERENCE_H
#define PODIUM_AUDIT_DIFFERENCE_H

#include "common/base/file.h"

typedef struct Difference {
    bool found;
    char
        text[1600]; // one line, without a newline: "tensor bias F32 [24]: 3 of 24 values differ..."
} Difference;

/* Note a difference, where none was noted before; text that is too long is cut. */
void differ(Difference *difference, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Add to the text of one that was noted. */
void differ_also(Difference *difference, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A stretch of a file's text that can be printed: what can't be is '?', what is too long is cut. */
typedef struct Excerpt {
    char text[80];
} Excerpt;
Excerpt excerpt_of(const void *bytes, size_t size);
Excerpt excerpt_of_text(const char *text);

/* Of two texts, the parts where they begin to differ; NULL: "nothing". */
typedef struct ExcerptPair {
    Excerpt of[2];
} ExcerptPair;
ExcerptPair excerpts_of_texts(const char *a, const char *b);

/* Two files. */
typedef struct FilePair {
    const char *path[2];
    MappedFile file[2];
} FilePair;

/*
 * Compare two files that hold the same kind of content, and differ in their bytes. Where nothing is
 * found, they hold the same in other bytes.
 *
 *   failure  EX_DATAERR: one of them is damaged (says which, and where)
 */
typedef bool CompareContent(Difference *difference, const FilePair *pair, Arena scratch,
                            Failure *failure);

/* Which tensor, how many of its values, the first, the largest difference; which metadata. */
CompareContent compare_tensors;
/* Which record, which feature, frame and byte of it. */
CompareContent compare_records;
/* Which line, which member of it, both values. */
CompareContent compare_json;
/* Which line; of CSV, which column. Both files from there on. */
CompareContent compare_lines;
/* Which byte. */
CompareContent compare_bytes;

/* The first byte in which they differ: the size of the shorter one where that ends there. */
size_t first_different_byte(const FilePair *pair);

/* The number of the line, from 1, that has this byte. */
size_t line_of_byte(const MappedFile *file, size_t byte);

#endif
