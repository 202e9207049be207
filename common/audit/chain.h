/*
 * Chain: what an artifact was made from, back to raw shards, as a tree.
 */
#ifndef PODIUM_AUDIT_CHAIN_H
#define PODIUM_AUDIT_CHAIN_H

#include "common/artifact/provenance.h"

#include <stdio.h>

/*
 * Print an artifact and, indented below it, each input: the option that named it, its name, kind and
 * digest. What was printed above isn't followed again.
 *
 *   path     of an artifact RECIPE/FILE in its folder `submissions`, or of a report beside that
 *   failure  EX_NOINPUT, EX_DATAERR: it has no provenance that can be read
 */
bool chain_print(const char *path, FILE *to, Arena arena, Failure *failure);

#endif
