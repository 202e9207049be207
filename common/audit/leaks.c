#include "common/audit/leaks.h"
#include "common/base/file.h"
#include "common/data/video_set.h"

#include <string.h>

#define TRUTH "truth.csv"

/* Videos of a step: an index, and the part of it that was meant, as numbers of nodes. */
typedef struct Source {
    size_t index, part; // LINEAGE_NONE: the whole index
} Source;

/* The options by which a step names videos. */
typedef struct Roles {
    const char *index, *part;
    bool only_parts; // an index that has no part is not meant
} Roles;
static const Roles learning = { "index", "split", false }; // of train and predict

/* Videos that judge beside videos that were learned, each pair once. */
typedef struct Pair {
    Source judging, learned;
    size_t judged, learner; // nodes
} Pair;

typedef struct Search {
    const Lineage *lineage;
    LeakReport *report;
    Arena *arena, *scratch; // scratch: sources and pairs
    Pair *pairs;
    size_t pair_count, pair_capacity;
} Search;

static bool is_stage(const LineageNode *node, const char *stage)
{
    const char *own = lineage_field(node, "stage");
    return own && strcmp(own, stage) == 0;
}

static bool is_truth(const LineageNode *node)
{
    const char *name = lineage_field(node, "option/name");
    return is_stage(node, "table") && name && strcmp(path_name(name), TRUTH) == 0;
}

static bool add_leak(Search *search, Leak leak, Failure *failure)
{
    LeakReport *report = search->report;
    Leak *more;
    if (!arena_array(search->arena, more, report->count + 1, failure))
        return false;
    if (report->count)
        memcpy(more, report->leaks, report->count * sizeof *more);
    more[report->count++] = leak;
    report->leaks = more;
    return true;
}

static bool trace_submission(Search *search, size_t submission, Failure *failure)
{
    const Lineage *lineage = search->lineage;
    Arena scratch = *search->scratch;
    bool *reached;
    if (!arena_array(&scratch, reached, lineage->count, failure))
        return false;
    lineage_reach(lineage, submission, reached);
    search->report->submissions++;
    for (size_t i = 0; i < lineage->count; i++)
        if (reached[i] && is_truth(&lineage->nodes[i])
            && !add_leak(search, (Leak){ .from = i, .to = submission }, failure))
            return false;
    return true;
}

static bool has_role(const LineageNode *node, size_t input, const char *role)
{
    return strcmp(node->provenance.inputs[input].role, role) == 0
        && node->parents[input] != LINEAGE_NONE;
}

/* The part that a step takes of an index; LINEAGE_NONE: all of it. */
static size_t part_of(const Search *search, const LineageNode *node, size_t index,
                      const char *part_role)
{
    const LineageNode *nodes = search->lineage->nodes;
    for (size_t i = 0; i < node->provenance.input_count; i++) {
        Videos videos;
        Failure none = { 0 };
        Arena scratch = *search->scratch;
        if (has_role(node, i, part_role)
            && videos_open(&videos, nodes[index].path, nodes[node->parents[i]].path, &scratch,
                           &none)) {
            videos_close(&videos);
            return node->parents[i];
        }
    }
    return LINEAGE_NONE;
}

/* The videos that a step names in these roles; how many sources. */
static bool sources_of(Search *search, size_t node, Roles roles, Source **sources, size_t *count,
                       Failure *failure)
{
    const LineageNode *from = &search->lineage->nodes[node];
    *count = 0;
    if (!arena_array(search->scratch, *sources, from->provenance.input_count, failure))
        return false;
    for (size_t i = 0; i < from->provenance.input_count; i++)
        if (has_role(from, i, roles.index))
            (*sources)[(*count)++] =
                (Source){ from->parents[i], part_of(search, from, from->parents[i], roles.part) };
    return true;
}

static bool is_same_source(Source a, Source b)
{
    return a.index == b.index && a.part == b.part;
}

static bool add_pair(Search *search, Pair pair, Failure *failure)
{
    for (size_t i = 0; i < search->pair_count; i++)
        if (is_same_source(search->pairs[i].judging, pair.judging)
            && is_same_source(search->pairs[i].learned, pair.learned))
            return true;
    if (search->pair_count == search->pair_capacity) {
        Pair *more;
        search->pair_capacity = search->pair_capacity ? 2 * search->pair_capacity : 64;
        if (!arena_array(search->scratch, more, search->pair_capacity, failure))
            return false;
        if (search->pair_count)
            memcpy(more, search->pairs, search->pair_count * sizeof *more);
        search->pairs = more;
    }
    search->pairs[search->pair_count++] = pair;
    return true;
}

/* Pair some videos that judge with all that the models behind them learned. */
static bool pair_with_learned(Search *search, size_t judged, Source judging, const bool *reached,
                              Failure *failure)
{
    const Lineage *lineage = search->lineage;
    for (size_t i = 0; i < lineage->count; i++) {
        Source *learned;
        size_t count;
        if (!reached[i] || !is_stage(&lineage->nodes[i], "train"))
            continue;
        if (!sources_of(search, i, learning, &learned, &count, failure))
            return false;
        for (size_t j = 0; j < count; j++)
            if (!add_pair(search, (Pair){ judging, learned[j], judged, i }, failure))
                return false;
    }
    return true;
}

/* The videos that one node names, beside what was learned before `judged`. */
static bool pair_sources(Search *search, size_t judged, size_t node, Roles roles,
                         const bool *reached, Failure *failure)
{
    Source *judging;
    size_t count;
    if (!sources_of(search, node, roles, &judging, &count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        if ((!roles.only_parts || judging[i].part != LINEAGE_NONE)
            && !pair_with_learned(search, judged, judging[i], reached, failure))
            return false;
    return true;
}

/* Validation in training: of another index, or of a part of the one that is learned. */
static bool pair_validation(Search *search, size_t node, const bool *reached, Failure *failure)
{
    Roles roles = { "index", "validation-split", .only_parts = true };
    const LineageNode *own = &search->lineage->nodes[node];
    for (size_t i = 0; i < own->provenance.input_count; i++)
        if (has_role(own, i, "validation-index"))
            roles = (Roles){ "validation-index", "validation-split", .only_parts = false };
    return pair_sources(search, node, node, roles, reached, failure);
}

/*
 * What `evaluate` scores, and what `tune` chooses weights by: the videos that were predicted, or the part
 * of them that it names.
 */
static bool pair_evaluation(Search *search, size_t node, const bool *reached, Failure *failure)
{
    const Lineage *lineage = search->lineage;
    const LineageNode *own = &lineage->nodes[node];
    for (size_t i = 0; i < own->provenance.input_count; i++)
        if (has_role(own, i, "subset"))
            return pair_sources(search, node, node, (Roles){ "index", "subset", false }, reached,
                                failure);
    for (size_t i = 0; i < lineage->count; i++)
        if (reached[i] && is_stage(&lineage->nodes[i], "predict")
            && !pair_sources(search, node, i, learning, reached, failure))
            return false;
    return true;
}

static bool find_pairs(Search *search, Failure *failure)
{
    const Lineage *lineage = search->lineage;
    bool *reached;
    if (!arena_array(search->scratch, reached, lineage->count, failure))
        return false;
    for (size_t i = 0; i < lineage->count; i++) {
        const LineageNode *node = &lineage->nodes[i];
        bool train = is_stage(node, "train");
        if (!train && !is_stage(node, "evaluate") && !is_stage(node, "tune"))
            continue;
        memset(reached, 0, lineage->count);
        lineage_reach(lineage, i, reached);
        bool ok = train ? pair_validation(search, i, reached, failure)
                        : pair_evaluation(search, i, reached, failure);
        if (!ok)
            return false;
    }
    return true;
}

static bool open_source(const Search *search, Source source, Videos *videos, Arena *arena,
                        Failure *failure)
{
    const LineageNode *nodes = search->lineage->nodes;
    return videos_open(videos, nodes[source.index].path,
                       source.part == LINEAGE_NONE ? NULL : nodes[source.part].path, arena,
                       failure);
}

static bool compare_pair(Search *search, const Pair *pair, Failure *failure)
{
    Videos judging, learned;
    const char *id = NULL;
    Arena scratch = *search->scratch;
    if (!open_source(search, pair->judging, &judging, &scratch, failure))
        return false;
    bool ok = open_source(search, pair->learned, &learned, &scratch, failure);
    if (ok) {
        if (videos_share(&judging, &learned, &id, search->arena, scratch, failure))
            ok = add_leak(search, (Leak){ pair->learner, pair->judged, id }, failure);
        videos_close(&learned);
    }
    videos_close(&judging);
    search->report->pairs++;
    return ok && failure->code == EX_OK;
}

bool leaks_find(LeakReport *report, const Lineage *lineage, Arena *arena, Failure *failure)
{
    Arena scratch = { 0 };
    Search search = { .lineage = lineage, .report = report, .arena = arena, .scratch = &scratch };
    *report = (LeakReport){ 0 };
    bool ok = arena_open(&scratch, ARENA_LARGE, failure);
    for (size_t i = 0; ok && i < lineage->count; i++)
        if (strcmp(lineage->nodes[i].provenance.kind, "submission") == 0)
            ok = trace_submission(&search, i, failure);
    ok = ok && find_pairs(&search, failure);
    for (size_t i = 0; ok && i < search.pair_count; i++)
        ok = compare_pair(&search, &search.pairs[i], failure);
    arena_close(&scratch);
    return ok;
}
