/*
 * The state of a search in a file: its trials, which are all that decides the next one.
 *
 * A safetensors file of points F64 [trials, dimensions] and trials F64 [trials, 3], with a digest.
 */
#ifndef PODIUM_SEARCH_SEARCH_STATE_H
#define PODIUM_SEARCH_SEARCH_STATE_H

#include "common/search/search.h"

/* Write the trials so far, replacing the file. EX_CANTCREAT, EX_IOERR. */
bool search_state_save(const Search *search, const char *path, Arena scratch, Failure *failure);

/*
 * Tell a search that has no trials yet those of a file, where there is one. A file that is damaged is
 * worth no more than none: stderr says so, and the search begins anew.
 *
 *   failure  EX_DATAERR: it is of another search
 */
bool search_state_load(Search *search, const char *path, Arena scratch, Failure *failure);

#endif
