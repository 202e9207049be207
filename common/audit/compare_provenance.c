#include "common/artifact/provenance.h"
#include "common/audit/compare.h"

#include <string.h>

/* Whether a key field is the hash of an input: it differs because something else does. */
static bool is_input(const char *name)
{
    return strncmp(name, "input/", strlen("input/")) == 0;
}

/* The first field that two keys don't share, of those that are inputs or of the others. */
static void compare_fields(Difference *difference, const Key *a, const Key *b, bool inputs)
{
    size_t i = 0, j = 0;
    while (i < a->count || j < b->count) {
        int order = i == a->count ? 1
            : j == b->count       ? -1
                                  : strcmp(a->fields[i].name, b->fields[j].name);
        const char *name = order <= 0 ? a->fields[i].name : b->fields[j].name;
        const char *ours = order <= 0 ? a->fields[i].value : NULL;
        const char *theirs = order >= 0 ? b->fields[j].value : NULL;
        i += order <= 0;
        j += order >= 0;
        if (is_input(name) != inputs || (order == 0 && strcmp(ours, theirs) == 0))
            continue;
        ExcerptPair values = excerpts_of_texts(ours, theirs);
        differ(difference, "%s: %s and %s", excerpt_of_text(name).text, values.of[0].text,
               values.of[1].text);
    }
}

bool compare_provenance(Difference *difference, const char *a, const char *b, bool only_keys,
                        Arena scratch, Failure *failure)
{
    Provenance ours, theirs;
    Failure damage = { 0 };
    *difference = (Difference){ 0 };
    const char *one = arena_format(&scratch, failure, "%s.provenance", a);
    const char *other = arena_format(&scratch, failure, "%s.provenance", b);
    Difference bytes;
    if (!one || !other || !compare_files(&bytes, one, other, scratch, failure))
        return false;
    if (bytes.found && provenance_read(&ours, a, &scratch, &damage)
        && provenance_read(&theirs, b, &scratch, &damage)) {
        compare_fields(difference, &ours.key, &theirs.key, false);
        compare_fields(difference, &ours.key, &theirs.key, true);
    }
    if (bytes.found && !only_keys)
        differ(difference, "%s", bytes.text);
    return true;
}
