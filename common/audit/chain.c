#include "common/audit/chain.h"
#include "common/audit/lineage.h"
#include "common/base/file.h"

#include <string.h>
#include <sys/stat.h>

#define SHOWN_DIGITS 12
#define INDENTATION 4

typedef struct Chain {
    const Lineage *lineage;
    bool *printed; // [count]
    FILE *to;
} Chain;

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The artifacts among which the inputs of one at `path` are to be found. */
static bool find_all(ArtifactPaths *paths, const char *path, Arena *arena, Failure *failure)
{
    size_t length = strlen(path) - strlen(artifact_name(path));
    const char *root = length ? arena_copy(arena, path, length - (length > 1), failure) : ".";
    const char *submissions = root ? arena_format(arena, failure, "%s/submissions", root) : NULL;
    const char *from[] = { submissions, path };
    if (!submissions)
        return false;
    if (!is_folder(submissions))
        from[0] = root;
    return artifacts_find(paths, from, 2, arena, failure);
}

static void print_node(const Chain *chain, size_t node, int depth);

static void print_input(const Chain *chain, const LineageNode *node, size_t input, int depth)
{
    const ProvenanceInput *own = &node->provenance.inputs[input];
    size_t parent = node->parents[input];
    fprintf(chain->to, "%*s%s: ", depth * INDENTATION, "", own->role);
    bool other = parent != LINEAGE_NONE && chain->lineage->nodes[parent].vouched
        && strcmp(chain->lineage->nodes[parent].provenance.sha256, own->sha256) != 0;
    if (parent == LINEAGE_NONE || other)
        fprintf(chain->to, "%s (%s, %.*s)%s\n", own->artifact, own->kind, SHOWN_DIGITS, own->sha256,
                other ? ", which is another now" : "");
    else
        print_node(chain, parent, depth);
}

static void print_node(const Chain *chain, size_t number, int depth)
{
    const LineageNode *node = &chain->lineage->nodes[number];
    const Provenance *provenance = &node->provenance;
    if (chain->printed[number]) {
        fprintf(chain->to, "%s (as above)\n", node->name);
        return;
    }
    chain->printed[number] = true;
    fprintf(chain->to, "%s (%s, %.*s)\n", node->name, provenance->kind, SHOWN_DIGITS,
            provenance->sha256);
    for (size_t i = 0; i < provenance->input_count; i++)
        print_input(chain, node, i, depth + 1);
}

bool chain_print(const char *path, FILE *to, Arena arena, Failure *failure)
{
    Provenance own;
    ArtifactPaths paths;
    Lineage lineage;
    Chain chain = { .lineage = &lineage, .to = to };
    if (!provenance_read(&own, path, &arena, failure) || !find_all(&paths, path, &arena, failure)
        || !lineage_read(&lineage, &paths, &arena, failure)
        || !arena_array(&arena, chain.printed, lineage.count, failure))
        return false;
    for (size_t i = 0; i < lineage.count; i++)
        if (strcmp(lineage.nodes[i].path, path) == 0)
            print_node(&chain, i, 0);
    return true;
}
