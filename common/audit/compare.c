#include "common/audit/compare.h"
#include "common/artifact/manifest.h"
#include "common/data/content.h"

#include <string.h>

static CompareContent *const comparers[] = {
    [CONTENT_UNKNOWN] = compare_bytes,       [CONTENT_RECORDS] = compare_records,
    [CONTENT_EVENTS] = compare_records,      [CONTENT_JSON] = compare_json,
    [CONTENT_SAFETENSORS] = compare_tensors, [CONTENT_TEXT] = compare_lines,
};

static bool is_text(Content content)
{
    return content == CONTENT_JSON || content == CONTENT_TEXT;
}

/* Two files whose bytes differ. What can't be said in their own terms is said in bytes or lines. */
static void describe(Difference *difference, const FilePair *pair, Arena scratch)
{
    Failure damage = { 0 };
    Content ours = content_of(&pair->file[0], pair->path[0]);
    Content theirs = content_of(&pair->file[1], pair->path[1]);
    if (ours == theirs)
        comparers[ours](difference, pair, scratch, &damage);
    if (!difference->found)
        (is_text(ours) && is_text(theirs) ? compare_lines : compare_bytes)(difference, pair,
                                                                           scratch, &damage);
    if (ours != theirs)
        differ_also(difference, "; one is %s, the other %s", content_name(ours),
                    content_name(theirs));
    if (damage.code != EX_OK)
        differ_also(difference, "; damaged: %s", damage.message);
}

static bool same_bytes(const FilePair *pair)
{
    const MappedFile *a = &pair->file[0], *b = &pair->file[1];
    return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

static bool compare_two(Difference *difference, const char *a, const char *b, Arena scratch,
                        Failure *failure)
{
    FilePair pair = { { a, b }, { { 0 } } };
    bool ok =
        mapped_file_open(&pair.file[0], a, failure) && mapped_file_open(&pair.file[1], b, failure);
    if (ok && !same_bytes(&pair))
        describe(difference, &pair, scratch);
    mapped_file_close(&pair.file[0]);
    mapped_file_close(&pair.file[1]);
    return ok;
}

/* A file that a manifest names, in the folder beside it. */
static char *file_of(const char *manifest, const char *name, Arena *arena, Failure *failure)
{
    return arena_format(arena, failure, "%.*s/%s",
                        (int)(strlen(manifest) - strlen(MANIFEST_ENDING)), manifest, name);
}

/* One file that both manifests name. One that can't be read differs. */
static void compare_named(Difference *difference, const char *name, const char *a, const char *b,
                          Arena scratch)
{
    Difference inside = { 0 };
    Failure failure = { 0 };
    const char *ours = file_of(a, name, &scratch, &failure);
    const char *theirs = file_of(b, name, &scratch, &failure);
    if (!ours || !theirs || !compare_two(&inside, ours, theirs, scratch, &failure))
        differ(&inside, "%s", failure.message);
    if (inside.found)
        differ(difference, "file %s, %s", excerpt_of_text(name).text, inside.text);
}

static void compare_listed(Difference *difference, const Manifest manifests[2], const char *a,
                           const char *b, Arena scratch)
{
    size_t i = 0, j = 0, count = 0;
    while (i < manifests[0].count || j < manifests[1].count) {
        Difference one = { 0 };
        bool ours = i < manifests[0].count, theirs = j < manifests[1].count;
        int order = ours && theirs
            ? strcmp(manifests[0].entries[i].name, manifests[1].entries[j].name)
            : theirs - ours;
        const char *name = order <= 0 ? manifests[0].entries[i].name : manifests[1].entries[j].name;
        if (order == 0)
            compare_named(&one, name, a, b, scratch);
        else
            differ(&one, "file %s is only in %s", excerpt_of_text(name).text, order < 0 ? a : b);
        count += one.found;
        if (one.found)
            differ(difference, "%s", one.text);
        i += order <= 0;
        j += order >= 0;
    }
    if (count)
        differ_also(difference, "; %zu of %zu files differ", count, manifests[0].count);
}

bool compare_files(Difference *difference, const char *a, const char *b, Arena scratch,
                   Failure *failure)
{
    Manifest manifests[2] = { { 0 } };
    Failure damage = { 0 };
    *difference = (Difference){ 0 };
    if (manifest_is_name(a) && manifest_is_name(b)
        && manifest_read(&manifests[0], a, &scratch, &damage)
        && manifest_read(&manifests[1], b, &scratch, &damage)) {
        manifest_sort(&manifests[0]);
        manifest_sort(&manifests[1]);
        compare_listed(difference, manifests, a, b, scratch);
    }
    return difference->found || compare_two(difference, a, b, scratch, failure);
}
