/*
 * Lineage: the artifacts of a build, and from which of them each was made, as their provenance says.
 */
#ifndef PODIUM_AUDIT_LINEAGE_H
#define PODIUM_AUDIT_LINEAGE_H

#include "common/artifact/provenance.h"
#include "common/audit/find.h"

#define LINEAGE_NONE SIZE_MAX

typedef struct LineageNode {
    const char *path;
    const char *name;      // "soft-label/A.safetensors", as provenance names inputs
    bool vouched;          // provenance was read; without it, what follows is empty
    Provenance provenance; // its inputs: see parents
    size_t *parents;       // [input_count] numbers of nodes; LINEAGE_NONE: not among these (a raw
                           // shard, or a file that no stage made)
} LineageNode;

typedef struct Lineage {
    LineageNode *nodes; // sorted by name
    size_t count;
} Lineage;

/* Read the provenance of artifacts; one that can't be read is a node without it. */
bool lineage_read(Lineage *lineage, const ArtifactPaths *paths, Arena *arena, Failure *failure);

/* The node of that name, or LINEAGE_NONE. */
size_t lineage_find(const Lineage *lineage, const char *name);

/*
 * Mark a node and all that it was made from.
 *
 *   reached  [count], adds to what is marked already
 */
void lineage_reach(const Lineage *lineage, size_t node, bool *reached);

/* The value of a field of a node's key, or NULL. */
const char *lineage_field(const LineageNode *node, const char *name);

#endif
