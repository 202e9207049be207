#include "common/audit/compare.h"
#include "common/audit/lineage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One artifact of two builds. */
typedef struct Twins {
    const char *name; // its path below either folder
    const char *path[2];
    bool there[2];
    size_t node;  // in the lineage of the first build; LINEAGE_NONE where it isn't there
    bool differs; // in bytes or in provenance, or only one is there
    bool follows; // something that it was made from differs
} Twins;

typedef struct Builds {
    const char *folder[2];
    Twins *twins;
    size_t count;
    Lineage lineage; // of the first build
    FILE *to;
} Builds;

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Where a build's artifacts are. */
static bool find_in(ArtifactPaths *paths, const char *folder, Arena *arena, Failure *failure)
{
    const char *submissions = arena_format(arena, failure, "%s/submissions", folder);
    const char *reports = arena_format(arena, failure, "%s/reports", folder);
    if (!submissions || !reports)
        return false;
    if (!is_folder(folder))
        return fail(failure, EX_NOINPUT, "%s: no folder", folder);
    if (!is_folder(submissions))
        return artifacts_find(paths, &folder, 1, arena, failure);
    return artifacts_find(paths, (const char *const[]){ submissions, reports },
                          is_folder(reports) ? 2 : 1, arena, failure);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Twins *)a)->name, ((const Twins *)b)->name);
}

/* All artifacts that either build has, by name. */
static bool find_all(Builds *builds, Arena *arena, Failure *failure)
{
    ArtifactPaths found[2];
    size_t kept = 0;
    if (!find_in(&found[0], builds->folder[0], arena, failure)
        || !find_in(&found[1], builds->folder[1], arena, failure)
        || !arena_array(arena, builds->twins, found[0].count + found[1].count, failure))
        return false;
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < found[side].count; i++)
            builds->twins[builds->count++].name =
                found[side].path[i] + strlen(builds->folder[side]) + 1;
    if (builds->count)
        qsort(builds->twins, builds->count, sizeof *builds->twins, by_name);
    for (size_t i = 0; i < builds->count; i++)
        if (kept == 0 || strcmp(builds->twins[kept - 1].name, builds->twins[i].name) != 0)
            builds->twins[kept++] = builds->twins[i];
    builds->count = kept;
    return true;
}

/* Those of a list. */
static bool read_names(Builds *builds, const char *path, Arena *arena, Failure *failure)
{
    char *text;
    size_t size, lines = 1;
    if (!file_read(path, arena, &text, &size, failure))
        return false;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    if (!arena_array(arena, builds->twins, lines, failure))
        return false;
    for (char *line; (line = strsep(&text, "\n"));)
        if (*line)
            builds->twins[builds->count++].name = line;
    return true;
}

static bool find_paths(Builds *builds, Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < builds->count; i++) {
        Twins *twins = &builds->twins[i];
        for (size_t side = 0; side < 2; side++) {
            twins->path[side] =
                arena_format(arena, failure, "%s/%s", builds->folder[side], twins->name);
            if (!twins->path[side])
                return false;
            twins->there[side] = is_file(twins->path[side]);
        }
        if (!twins->there[0] && !twins->there[1])
            return fail(failure, EX_NOINPUT, "%s is in neither %s nor %s", twins->name,
                        builds->folder[0], builds->folder[1]);
    }
    return builds->count > 0
        || fail(failure, EX_NOINPUT, "%s: no artifacts in it", builds->folder[0]);
}

static bool read_lineage(Builds *builds, Arena *arena, Failure *failure)
{
    ArtifactPaths paths = { 0 };
    if (!arena_array(arena, paths.path, builds->count, failure))
        return false;
    for (size_t i = 0; i < builds->count; i++)
        if (builds->twins[i].there[0])
            paths.path[paths.count++] = builds->twins[i].path[0];
    if (!lineage_read(&builds->lineage, &paths, arena, failure))
        return false;
    for (size_t i = 0; i < builds->count; i++) {
        Twins *twins = &builds->twins[i];
        twins->node = LINEAGE_NONE;
        for (size_t j = 0; j < builds->lineage.count; j++)
            if (builds->lineage.nodes[j].path == twins->path[0])
                twins->node = j;
    }
    return true;
}

/* Whether a twin, or only its provenance, differs; what, where it is asked for. */
static bool compare_twins(const Twins *twins, Difference *bytes, Difference *provenance,
                          Arena scratch, Failure *failure)
{
    *bytes = *provenance = (Difference){ 0 };
    if (!twins->there[0] || !twins->there[1]) {
        differ(bytes, "only %s is there", twins->path[twins->there[1]]);
        return true;
    }
    return compare_files(bytes, twins->path[0], twins->path[1], scratch, failure)
        && compare_provenance(provenance, twins->path[0], twins->path[1], bytes->found, scratch,
                              failure);
}

static bool compare_all(Builds *builds, Arena scratch, Failure *failure)
{
    Difference bytes, provenance;
    for (size_t i = 0; i < builds->count; i++) {
        Twins *twins = &builds->twins[i];
        if (!compare_twins(twins, &bytes, &provenance, scratch, failure))
            return false;
        twins->differs = bytes.found || provenance.found;
    }
    return true;
}

/* Mark those that were made from something that differs. */
static bool mark_followers(Builds *builds, Arena scratch, Failure *failure)
{
    bool *reached;
    for (size_t i = 0; i < builds->count; i++) {
        Twins *twins = &builds->twins[i];
        Arena own = scratch;
        if (twins->node == LINEAGE_NONE || !twins->differs)
            continue;
        if (!arena_array(&own, reached, builds->lineage.count, failure))
            return false;
        lineage_reach(&builds->lineage, twins->node, reached);
        for (size_t j = 0; j < builds->count; j++) {
            const Twins *other = &builds->twins[j];
            twins->follows = twins->follows
                || (j != i && other->node != LINEAGE_NONE && reached[other->node]
                    && other->differs);
        }
    }
    return true;
}

static bool print_first(const Builds *builds, Arena scratch, Failure *failure)
{
    Difference bytes, provenance;
    for (size_t i = 0; i < builds->count; i++) {
        const Twins *twins = &builds->twins[i];
        if (!twins->differs || twins->follows)
            continue;
        if (!compare_twins(twins, &bytes, &provenance, scratch, failure))
            return false;
        fprintf(builds->to, "%s differs, and nothing that it was made from\n", twins->name);
        if (bytes.found)
            fprintf(builds->to, "    %s\n", bytes.text);
        if (provenance.found)
            fprintf(builds->to, "    provenance: %s\n", provenance.text);
    }
    return true;
}

static void print_followers(const Builds *builds)
{
    bool any = false;
    for (size_t i = 0; i < builds->count; i++)
        if (builds->twins[i].follows) {
            fprintf(builds->to, "%s %s",
                    any ? "," : "made from these, and different:", builds->twins[i].name);
            any = true;
        }
    if (any)
        putc('\n', builds->to);
}

static bool print_builds(const Builds *builds, bool *same, Arena scratch, Failure *failure)
{
    size_t differing = 0;
    for (size_t i = 0; i < builds->count; i++)
        differing += builds->twins[i].differs;
    *same = differing == 0;
    if (!print_first(builds, scratch, failure))
        return false;
    print_followers(builds);
    if (*same)
        fprintf(builds->to, "%zu artifacts, all the same\n", builds->count);
    else
        fprintf(builds->to, "%zu artifacts, %zu of them differ\n", builds->count, differing);
    return true;
}

bool compare_builds(const char *a, const char *b, const char *names, FILE *to, bool *same,
                    Arena arena, Failure *failure)
{
    Builds builds = { .folder = { a, b }, .to = to };
    return (names ? read_names(&builds, names, &arena, failure)
                  : find_all(&builds, &arena, failure))
        && find_paths(&builds, &arena, failure) && read_lineage(&builds, &arena, failure)
        && compare_all(&builds, arena, failure) && mark_followers(&builds, arena, failure)
        && print_builds(&builds, same, arena, failure);
}
