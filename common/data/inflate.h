/*
 * Inflate: a GZIP or ZLIB stream as one block of memory.
 */
#ifndef PODIUM_DATA_INFLATE_H
#define PODIUM_DATA_INFLATE_H

#include "common/base/failure.h"

#include <stdint.h>

/*
 * Inflate a whole stream, or several GZIP members one after another. Release with inflate_release.
 *
 *   inflated, size  the result; NULL and 0 on failure
 *   path            for messages
 *   failure         EX_DATAERR: damaged or cut off (says the byte of the compressed file).
 * EX_OSERR: more than half of the machine's memory would be needed memory          pages are taken
 * as they are filled; what a stream of this length can hold at most (deflate's limit is 1032 to 1)
 * and half of the memory bound it
 */
bool inflate_all(uint8_t **inflated, size_t *size, const char *path, const uint8_t *bytes,
                 size_t byte_count, Failure *failure);

/* Give the memory back; NULL does nothing. */
void inflate_release(uint8_t *inflated, size_t size);

#endif
