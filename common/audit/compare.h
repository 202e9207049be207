/*
 * Compare: two artifacts, or all those of two builds, in their own terms.
 */
#ifndef PODIUM_AUDIT_COMPARE_H
#define PODIUM_AUDIT_COMPARE_H

#include "common/audit/difference.h"

#include <stdio.h>

/*
 * Compare two files byte for byte and say what differs first: which tensor, record, line or byte.
 * Of two manifests, compare what they say and every file that they name.
 *
 *   difference  found is false where they are the same
 *   failure     EX_NOINPUT, EX_IOERR: a file can't be read. A damaged one is no failure: its bytes
 *               are compared
 */
bool compare_files(Difference *difference, const char *a, const char *b, Arena scratch,
                   Failure *failure);

/*
 * What differs first in what two artifacts say of their making (X.provenance): a field of the key
 * that is no input, then an input, then, unless only keys are asked for, anything else.
 *
 *   failure  EX_NOINPUT: one of them has none
 */
bool compare_provenance(Difference *difference, const char *a, const char *b, bool only_keys,
                        Arena scratch, Failure *failure);

/*
 * Compare the artifacts of two builds, their provenance too, and print what differs.
 *
 * First those that differ although nothing that they were made from does: each with its first
 * difference. Then the names of those that were made from them. Last a line that counts.
 *
 *   a, b   folders. Where one has a folder `submissions`, only that and `reports` are looked at
 *   names  a file with the artifacts' paths below a and b, one a line; NULL: all that either has
 *   same   whether nothing differs
 */
bool compare_builds(const char *a, const char *b, const char *names, FILE *to, bool *same,
                    Arena arena, Failure *failure);

#endif
