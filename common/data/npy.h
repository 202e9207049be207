/*
 * NPY: a vector of numbers as numpy keeps it: the dataset's eigenvalues.
 * Source: numpy, lib/format.py, versions 1.0 and 2.0.
 */
#ifndef PODIUM_DATA_NPY_H
#define PODIUM_DATA_NPY_H

#include "common/base/arena.h"

/*
 * Read a vector of little-endian floats.
 *
 *   values   [*count], in the arena
 *   failure  EX_NOINPUT. EX_DATAERR: not such a file, another type ('<f4' is read), not a vector, cut off
 */
bool npy_read_floats(const float **values, size_t *count, const char *path, Arena *arena,
                     Failure *failure);

#endif
