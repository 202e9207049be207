/*
 * NPY: a row of floats as numpy writes it: version 1.0, '<f4', C order, one axis.
 *
 *   "\x93NUMPY" 1 0 | header length u16 | header, ended by a newline | f32 [count], little-endian
 *
 * Source: numpy, numpy/lib/format.py.
 */
#ifndef PODIUM_DATA_NPY_H
#define PODIUM_DATA_NPY_H

#include "common/base/file.h"

/*
 * Read a row of floats.
 *
 *   values   [count], in the arena
 *   failure  EX_NOINPUT. EX_DATAERR: not such a file (says what it is instead), a size that doesn't
 *            fit the shape
 */
bool npy_read(float **values, size_t *count, const char *path, Arena *arena, Failure *failure);

/* Append a row of floats to a file being written; its header is as long as numpy's own. */
bool npy_write(AtomicFile *file, const float *values, size_t count, Failure *failure);

#endif
