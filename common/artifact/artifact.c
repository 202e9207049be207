#include "common/artifact/artifact.h"
#include "common/artifact/cache.h"
#include "common/artifact/explain.h"
#include "common/artifact/seen.h"
#include "common/artifact/unit.h"
#include "common/base/progress.h"
#include "common/base/terminal.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enter what the work can reach into the key, and seal it. */
static bool complete_key(Stage *stage, Failure *failure)
{
    char name[256];
    for (size_t i = 0; i < unit_count; i++) {
        snprintf(name, sizeof name, "unit/%s", units[i].path);
        if (stage->reached[i] && !stage_field(stage, name, units[i].sha256, failure))
            return false;
    }
    key_seal(&stage->key);
    return true;
}

/* Whether the file is there under this key, with the bytes that its provenance says. */
static bool is_current(const char *path, const Key *key, bool unchanged, Arena scratch)
{
    Provenance provenance;
    Failure none = { 0 };
    return provenance_read(&provenance, path, &scratch, &none) && key_equal(&provenance.key, key)
        && (unchanged || provenance_describes(&provenance, path));
}

/* Whether one output is there, with all that it stands for, as it is or from the cache. */
static bool is_there(const Stage *stage, const char *option, const char *path, ArtifactWhole *rest,
                     bool *restored)
{
    Arena scratch = stage->arena;
    const char *cache = option_text(&stage->values, "cache");
    bool unchanged = seen_is_unchanged(path);
    Seen seen = seen_look(path, &scratch);
    if (is_current(path, &stage->key, unchanged, scratch)
        && (unchanged || !rest || rest(path, cache, false, scratch))) {
        if (!unchanged && !seen.fresh)
            seen_keep(path, seen);
        return true;
    }
    Provenance wanted = { .inputs = stage->inputs,
                          .input_count = stage->input_count,
                          .key = stage->key };
    *restored = cache && cache_restore(cache, option, path, &wanted, scratch)
        && (!rest || rest(path, cache, true, scratch));
    if (*restored)
        seen_keep(path, seen_look(path, &scratch));
    return *restored;
}

/*
 * Where --journal asks for it, say that the stage makes its output or restored it: make shows the
 * line, and finds in the journal what a run of it did. A journal that can't be written costs no
 * artifact.
 */
static void announce(const Stage *stage, const char *verb)
{
    const char *journal = option_text(&stage->values, "journal");
    const char *name = artifact_name(stage_output(stage));
    if (!journal)
        return;
    FILE *file = fopen(journal, "a");
    if (file) {
        fprintf(file, "%s %s %s\n", verb, stage->manual->name, name);
        fclose(file);
    }
    if (!terminal_is_quiet())
        fprintf(stderr, "  %-8s %s%s\n", stage->manual->name, name,
                strcmp(verb, "restored") == 0 ? " (from the cache)" : "");
}

/* Whether all outputs that were asked for are there, as they are or from the cache. */
static bool all_there(const Stage *stage, ArtifactWhole *whole)
{
    bool any_restored = false;
    for (size_t i = 0; i < stage->values.count; i++) {
        bool restored = false;
        const OptionValue *entry = &stage->values.entries[i];
        if (entry->option->role != OPTION_OUTPUT || entry->count == 0)
            continue;
        const char *option = entry->option->name;
        if (!is_there(stage, option, entry->values[0], strcmp(option, "output") == 0 ? whole : NULL,
                      &restored))
            return false;
        any_restored = any_restored || restored;
    }
    if (any_restored)
        announce(stage, "restored");
    return true;
}

static bool open_output(Artifact *artifact, Stage *stage, const char *kind, const char *path,
                        Failure *failure)
{
    *artifact = (Artifact){ .stage = stage, .kind = kind, .path = path };
    if (path && !atomic_file_open(&artifact->file, path, failure)) {
        *artifact = (Artifact){ 0 };
        return false;
    }
    return true;
}

bool artifact_create(Artifact *artifact, Stage *stage, const char *kind, Failure *failure)
{
    return artifact_create_whole(artifact, stage, kind, NULL, failure);
}

bool artifact_create_whole(Artifact *artifact, Stage *stage, const char *kind, ArtifactWhole *whole,
                           Failure *failure)
{
    *artifact = (Artifact){ 0 };
    if (!stage_output(stage))
        return fail(failure, EX_USAGE, "--output must be given; see --help");
    if (!complete_key(stage, failure))
        return false;
    if (stage_explains(stage)) {
        explain(stage, stdout);
        return false;
    }
    if (all_there(stage, whole))
        return false;
    announce(stage, "made");
    return open_output(artifact, stage, kind, stage_output(stage), failure);
}

bool artifact_create_beside(Artifact *artifact, Stage *stage, const char *kind, const char *option,
                            Failure *failure)
{
    return open_output(artifact, stage, kind, option_text(&stage->values, option), failure);
}

static Provenance provenance_of(const Artifact *artifact, uint64_t size, const char *sha256)
{
    const Stage *stage = artifact->stage;
    return (Provenance){
        .kind = artifact->kind,
        .podium = podium_version,
        .sha256 = sha256,
        .size = size,
        .inputs = stage->inputs,
        .input_count = stage->input_count,
        .key = stage->key,
    };
}

/* The option that names a path: one key may have several outputs. */
static const char *option_of(const Stage *stage, const char *path)
{
    for (size_t i = 0; i < stage->values.count; i++) {
        const OptionValue *entry = &stage->values.entries[i];
        if (entry->option->role == OPTION_OUTPUT && entry->count
            && strcmp(entry->values[0], path) == 0)
            return entry->option->name;
    }
    return "output";
}

/* X.log: what the run cost. Volatile: beside the artifact, in no key, and no loss where it can't be
 * written. */
static void write_log(const Artifact *artifact)
{
    char path[1100], text[256];
    struct rusage usage;
    Failure none = { 0 };
    getrusage(RUSAGE_SELF, &usage);
    int length =
        snprintf(text, sizeof text,
                 "{\"seconds\": %.3f, \"cpu_seconds\": %.3f, \"peak_memory_mib\": %.1f%s}\n",
                 progress_clock() - artifact->stage->started,
                 (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                     + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
                 (double)usage.ru_maxrss / 1024, artifact->remark ? artifact->remark : "");
    snprintf(path, sizeof path, "%s.log", artifact->path);
    if (length < (int)sizeof text)
        file_write(path, text, (size_t)length, &none);
}

/*
 * The old provenance goes first: were it to outlive the bytes it describes, a stop between the two
 * renames would leave new bytes under an old key.
 */
static void remove_provenance(const char *path)
{
    char provenance[1100];
    snprintf(provenance, sizeof provenance, "%s.provenance", path);
    unlink(provenance);
}

void artifact_remove(const char *path)
{
    remove_provenance(path);
    unlink(path);
    seen_forget(path);
}

bool artifact_commit(Artifact *artifact, Failure *failure)
{
    char sha256[SHA256_HEX_BYTES];
    const char *path = artifact->path;
    if (!path)
        return true;
    const Stage *stage = artifact->stage;
    const char *cache = option_text(&stage->values, "cache");
    Provenance provenance = provenance_of(artifact, artifact->file.size, sha256);
    if (!stage_inputs_stayed(stage, failure))
        return false;
    remove_provenance(path);
    if (!atomic_file_commit(&artifact->file, sha256, failure))
        return false;
    if (!provenance_write(&provenance, path, failure)) {
        unlink(path); // bytes that nothing vouches for
        return false;
    }
    write_log(artifact);
    Arena scratch = stage->arena;
    if (cache)
        cache_enter(cache, option_of(stage, path), path, &provenance, scratch);
    seen_keep(path, seen_look(path, &scratch)); // after the cache, whose link is a change too
    *artifact = (Artifact){ 0 };
    return true;
}

void artifact_discard(Artifact *artifact)
{
    if (artifact->path)
        atomic_file_discard(&artifact->file);
    *artifact = (Artifact){ 0 };
}
