#include "common/artifact/explain.h"
#include "common/artifact/cache.h"
#include "common/artifact/check.h"

#include <string.h>

#define NO_VALUE ""

/* An output that the command line names. */
typedef struct Output {
    const char *option, *path;
} Output;

/* The outputs, one after another: false behind the last. */
static bool next_output(const Stage *stage, size_t *at, Output *output)
{
    for (; *at < stage->values.count; (*at)++) {
        const OptionValue *entry = &stage->values.entries[*at];
        if (entry->option->role != OPTION_OUTPUT || entry->count == 0)
            continue;
        *output = (Output){ entry->option->name, entry->values[0] };
        (*at)++;
        return true;
    }
    return false;
}

static bool is_current(const Stage *stage, Output output, Arena scratch)
{
    const char *file;
    Provenance provenance;
    Failure none = { 0 };
    return artifact_check(output.path, true, &file, &scratch) == ARTIFACT_INTACT
        && provenance_read(&provenance, output.path, &scratch, &none)
        && key_equal(&provenance.key, &stage->key);
}

static const char *verdict(const Stage *stage, Arena scratch)
{
    Output output;
    bool current = true, cached = true;
    const char *cache = option_text(&stage->values, "cache");
    for (size_t at = 0; next_output(stage, &at, &output);) {
        bool own = is_current(stage, output, scratch);
        current = current && own;
        cached = cached
            && (own
                || (cache && cache_has(cache, output.option, output.path, &stage->key, scratch)));
    }
    return current ? "current" : cached ? "restore" : "make";
}

/* "index" of "input/index/00000"; false where the field is no input. */
static bool is_input(const char *name, char role[128])
{
    return sscanf(name, "input/%127[^/]/", role) == 1;
}

static void print_difference(const Stage *stage, const char *name, const char *old, const char *now,
                             FILE *to)
{
    char role[128];
    if (!is_input(name, role)) {
        fprintf(to, "field\t%s\t%s\t%s\n", name, old, now);
        return;
    }
    const char *artifact = NO_VALUE;
    for (size_t i = 0; i < stage->input_count; i++)
        if (strcmp(stage->inputs[i].sha256, now) == 0)
            artifact = stage->inputs[i].artifact;
    fprintf(to, "input\t%s\t%s\t%s\t%s\n", role, artifact, old, now);
}

/* Both are sorted by name. */
static void print_differences(const Stage *stage, const Key *old, FILE *to)
{
    const Key *now = &stage->key;
    for (size_t i = 0, j = 0; i < old->count || j < now->count;) {
        const KeyField *a = &old->fields[i], *b = &now->fields[j];
        int order = i == old->count ? 1 : j == now->count ? -1 : strcmp(a->name, b->name);
        if (order < 0)
            print_difference(stage, a->name, a->value, NO_VALUE, to);
        else if (order > 0)
            print_difference(stage, b->name, NO_VALUE, b->value, to);
        else if (strcmp(a->value, b->value) != 0)
            print_difference(stage, a->name, a->value, b->value, to);
        i += order <= 0;
        j += order >= 0;
    }
}

void explain(const Stage *stage, FILE *to)
{
    Arena scratch = stage->arena;
    Output output;
    Provenance old;
    Failure none = { 0 };
    fprintf(to, "%s\n", verdict(stage, scratch));
    bool made = provenance_read(&old, stage_output(stage), &scratch, &none);
    for (size_t at = 0; next_output(stage, &at, &output);) {
        const char *file;
        ArtifactState state = artifact_check(output.path, true, &file, &scratch);
        if (state != ARTIFACT_INTACT && made)
            fprintf(to, "%s\t%s\n", artifact_state_word(state), file);
    }
    if (made)
        print_differences(stage, &old.key, to);
    else
        fputs("new\n", to);
}
