#include "common/audit/lineage.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const LineageNode *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->path, y->path);
}

size_t lineage_find(const Lineage *lineage, const char *name)
{
    size_t low = 0, high = lineage->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(lineage->nodes[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < lineage->count && strcmp(lineage->nodes[low].name, name) == 0;
    return found ? low : LINEAGE_NONE;
}

static bool link_parents(const Lineage *lineage, LineageNode *node, Arena *arena, Failure *failure)
{
    if (!arena_array(arena, node->parents, node->provenance.input_count, failure))
        return false;
    for (size_t i = 0; i < node->provenance.input_count; i++)
        node->parents[i] = lineage_find(lineage, node->provenance.inputs[i].artifact);
    return true;
}

bool lineage_read(Lineage *lineage, const ArtifactPaths *paths, Arena *arena, Failure *failure)
{
    *lineage = (Lineage){ .count = paths->count };
    if (!arena_array(arena, lineage->nodes, paths->count, failure))
        return false;
    for (size_t i = 0; i < paths->count; i++) {
        Failure none = { 0 };
        LineageNode *node = &lineage->nodes[i];
        node->path = paths->path[i];
        node->name = artifact_name(node->path);
        node->vouched = provenance_read(&node->provenance, node->path, arena, &none);
        if (!node->vouched)
            node->provenance = (Provenance){ .kind = "", .sha256 = "" };
    }
    if (lineage->count)
        qsort(lineage->nodes, lineage->count, sizeof *lineage->nodes, by_name);
    for (size_t i = 0; i < lineage->count; i++)
        if (!link_parents(lineage, &lineage->nodes[i], arena, failure))
            return false;
    return true;
}

void lineage_reach(const Lineage *lineage, size_t node, bool *reached)
{
    const LineageNode *from = &lineage->nodes[node];
    if (reached[node])
        return;
    reached[node] = true;
    for (size_t i = 0; i < from->provenance.input_count; i++)
        if (from->parents[i] != LINEAGE_NONE)
            lineage_reach(lineage, from->parents[i], reached);
}

const char *lineage_field(const LineageNode *node, const char *name)
{
    for (size_t i = 0; i < node->provenance.key.count; i++)
        if (strcmp(node->provenance.key.fields[i].name, name) == 0)
            return node->provenance.key.fields[i].value;
    return NULL;
}
