/*
 * Units: which source files a step's work comes from, each with the hash of its object code.
 *
 * The build writes the table (makefiles/units.sh): for every object its hash and, read from its
 * undefined symbols, the objects that it calls. So a step depends on what it can reach from its own
 * stage and its model, and on nothing else: adding a model or an op changes no other step's units.
 */
#ifndef PODIUM_ARTIFACT_UNIT_H
#define PODIUM_ARTIFACT_UNIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Unit {
    const char *path;           // of the source file, from the root of the repository
    const char *sha256;         // of its object code, compiled without debug information
    const unsigned short *uses; // indices of the units that it calls
    unsigned short use_count;
} Unit;

/* The generated table, sorted by path. Units that can't change a result (progress, ...) are left
 * out. */
extern const Unit units[];
extern const size_t unit_count;

/* What VERSION says; in the generated table, so that a new version changes no unit. */
extern const char podium_version[];

/*
 * Mark what can be reached from a source file, itself included.
 *
 *   reached  [unit_count], adds to what is marked already
 *   returns  false where no unit has that path
 */
bool units_reach(bool *reached, const char *path);

#endif
