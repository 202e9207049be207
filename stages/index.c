/*
 * index: what is where in the shards of one partition.
 *
 * Runs at every make, so it must cost milliseconds where nothing changed: a shard whose status is
 * the remembered one isn't opened. A shard that was touched is verified in full once; where its
 * fingerprint is the old one, nothing follows from it.
 */
#include "common/artifact/artifact.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/data/dataset.h"
#include "common/data/index_write.h"
#include "common/data/scan_memory.h"
#include "common/data/shard_fingerprint.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    { "data", OPTION_TEXT, NULL, "folder of the dataset", OPTION_VOLATILE, .required = true },
    { "manifest", OPTION_TEXT, NULL, "of the folder, where a stage wrote it", OPTION_INPUT },
    { "partition", OPTION_CHOICE, "train", "which shards", .choices = PARTITION_WORDS },
    { "level", OPTION_CHOICE, "any",
      "which of 2/video, 2/frame and 3/frame, where several are there", OPTION_VOLATILE,
      .choices = LEVEL_WORDS },
    { "features", OPTION_TEXT, "", "NAME:WIDTH,... that every record must have; default: any" },
    { "on-corrupt", OPTION_CHOICE, "stop", "what to do about damaged records",
      .choices = "stop|skip" },
    { 0 },
};
static const Manual manual = { "index", "Index the shards of a partition.", NULL, options };

/* What is known of one shard. */
typedef struct Shard {
    const char *path;
    FileStatus status;
    const ShardMemory *remembered; // NULL: it must be looked at
    bool scanned;
    ShardEntries entries;
    Arena arena; // of entries that were scanned
    Failure failure;
} Shard;

typedef struct Indexing {
    Stage *stage;
    ShardList list;
    Shard *shards; // [list.count]
    FeatureSpecs features;
    ScanSettings settings;
    const char *output;
    ScanMemory memory; // what was remembered, then what is now
    size_t first_failed;
    bool *wanted; // [list.count]: to be scanned now
    size_t wanted_count, done;
    Progress progress;
} Indexing;

static bool begin(Indexing *work, Stage *stage, Failure *failure)
{
    const OptionValues *values = &stage->values;
    const char *features = option_text(values, "features");
    *work = (Indexing){ .stage = stage, .output = stage_output(stage) };
    work->settings.features = &work->features;
    work->settings.skip_corrupt = strcmp(option_text(values, "on-corrupt"), "skip") == 0;
    if (!work->output)
        return fail(failure, EX_USAGE, "--output must be given; see --help");
    return (*features == 0
            || feature_specs_parse(&work->features, features, &stage->arena, failure))
        && layout_shards(&work->list, option_text(values, "data"),
                         partition_of_word(option_text(values, "partition")),
                         level_of_word(option_text(values, "level")), &stage->arena, failure)
        && arena_array(&stage->arena, work->shards, work->list.count, failure)
        && arena_array(&stage->arena, work->wanted, work->list.count, failure)
        && scan_memory_read(&work->memory, work->output, &stage->arena, failure);
}

/* Compare each shard's status with the remembered one. */
static bool look(Indexing *work, Failure *failure)
{
    for (size_t i = 0; i < work->list.count; i++) {
        Shard *shard = &work->shards[i];
        shard->path = arena_format(&work->stage->arena, failure, "%s/%s", work->list.folder,
                                   work->list.names[i]);
        if (!shard->path || !file_status(&shard->status, shard->path, failure))
            return false;
        shard->remembered = scan_memory_find(&work->memory, work->list.names[i], &shard->status);
        if (shard->remembered && shard->remembered->skipped && !work->settings.skip_corrupt)
            shard->remembered = NULL; // it has damage that must be reported
        work->wanted[i] = !shard->remembered;
    }
    return true;
}

/*
 * Look at a shard: in full, or where only an explanation is asked for, at its framing, which tells
 * whether the content is another one. What is left out is found only in full.
 */
static bool look_at(const Indexing *work, Shard *shard)
{
    if (stage_explains(work->stage) && !work->settings.skip_corrupt)
        return shard_fingerprint(shard->entries.fingerprint, shard->path, &shard->failure);
    return shard_scan(&shard->entries, shard->path, &work->settings, &shard->arena,
                      &shard->failure);
}

static void scan_one(Indexing *work, size_t i)
{
    Shard *shard = &work->shards[i];
    size_t failed;
#pragma omp atomic read
    failed = work->first_failed;
    if (!work->wanted[i] || i > failed) // the first failure is reported, whoever finds one first
        return;
    shard->scanned = look_at(work, shard);
#pragma omp critical(index_progress)
    {
        if (!shard->scanned && i < work->first_failed) {
#pragma omp atomic write
            work->first_failed = i;
        }
        progress_update(&work->progress, ++work->done, NULL);
    }
}

static void scan_piece(void *context, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        scan_one(context, i);
}

/* Scan the wanted shards, on all threads. */
static bool scan_wanted(Indexing *work, Failure *failure)
{
    work->wanted_count = work->done = 0;
    work->first_failed = SIZE_MAX;
    for (size_t i = 0; i < work->list.count; i++)
        work->wanted_count += work->wanted[i];
    if (work->wanted_count == 0)
        return true;
    if (stage_explains(work->stage))
        parallel_threads(FINGERPRINT_THREADS);
    progress_begin(&work->progress, "index", "shards", 0, work->wanted_count);
    parallel_for(work->list.count, 1, scan_piece, work);
    if (work->first_failed != SIZE_MAX) {
        const Failure *first = &work->shards[work->first_failed].failure;
        return fail(failure, first->code, "%s", first->message);
    }
    progress_end(&work->progress, work->done, NULL);
    return true;
}

static const char *fingerprint_of(const Shard *shard)
{
    return shard->scanned ? shard->entries.fingerprint : shard->remembered->fingerprint;
}

static uint32_t skipped_of(const Shard *shard)
{
    return shard->scanned ? shard->entries.skipped : shard->remembered->skipped;
}

/* Remember what is known now; what was only asked about was not verified. */
static bool remember(Indexing *work, Failure *failure)
{
    ScanMemory now = { .count = work->list.count };
    if (stage_explains(work->stage))
        return true;
    if (!arena_array(&work->stage->arena, now.shards, now.count, failure))
        return false;
    for (size_t i = 0; i < now.count; i++) {
        const Shard *shard = &work->shards[i];
        ShardMemory *memory = &now.shards[i];
        memory->name = work->list.names[i];
        memory->status = shard->status;
        memory->skipped = skipped_of(shard);
        memory->volatile_status = file_status_is_fresh(&shard->status);
        memcpy(memory->fingerprint, fingerprint_of(shard), sizeof memory->fingerprint);
    }
    return scan_memory_write(&now, work->output, work->list.folder, failure);
}

/* The shards enter the key by one hash over names and fingerprints; so do the records left out. */
static bool enter_shards(Indexing *work, Failure *failure)
{
    Sha256 hash;
    uint64_t skipped = 0;
    char number[32], hex[SHA256_HEX_BYTES];
    sha256_begin(&hash);
    for (size_t i = 0; i < work->list.count; i++) {
        sha256_add(&hash, work->list.names[i], strlen(work->list.names[i]));
        sha256_add(&hash, "\n", 1);
        sha256_add(&hash, fingerprint_of(&work->shards[i]), INDEX_FINGERPRINT_BYTES);
        sha256_add(&hash, &work->shards[i].status.size, sizeof work->shards[i].status.size);
        skipped += skipped_of(&work->shards[i]);
    }
    sha256_end(&hash, hex);
    if (skipped)
        fprintf(stderr, "index: %llu damaged records are left out\n", (unsigned long long)skipped);
    snprintf(number, sizeof number, "%llu", (unsigned long long)skipped);
    return stage_input_known(work->stage, "shards", option_text(&work->stage->values, "partition"),
                             hex, failure)
        && stage_field(work->stage, "skipped", number, failure);
}

static bool names_shards(const char *field)
{
    return strcmp(field, "input/shards/00000") == 0 || strcmp(field, "skipped") == 0;
}

/* Whether two keys differ in nothing but the shards: entries under one hold under the other. */
static bool same_but_shards(const Key *a, const Key *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0
            || (strcmp(a->fields[i].value, b->fields[i].value) != 0
                && !names_shards(a->fields[i].name)))
            return false;
    return true;
}

/* Open the index that is to be replaced, where its entries still hold. */
static bool open_old(ShardIndex *old, Indexing *work)
{
    Provenance provenance;
    Failure none = { 0 };
    Arena *arena = &work->stage->arena;
    *old = (ShardIndex){ 0 };
    return provenance_read(&provenance, work->output, arena, &none)
        && same_but_shards(&provenance.key, &work->stage->key)
        && shard_index_open(old, work->output, arena, &none);
}

/* Take entries from the old index; have the others scanned. Both lists are sorted by name. */
static void take_entries(Indexing *work, const ShardIndex *old)
{
    size_t at = 0;
    for (size_t i = 0; i < work->list.count; i++) {
        Shard *shard = &work->shards[i];
        while (at < old->shards && strcmp(old->shard_name[at], work->list.names[i]) < 0)
            at++;
        bool found = !shard->scanned && at < old->shards
            && strcmp(old->shard_name[at], work->list.names[i]) == 0
            && old->shard_bytes[at] == shard->status.size
            && memcmp(old->shard_fingerprint + at * INDEX_FINGERPRINT_BYTES, fingerprint_of(shard),
                      INDEX_FINGERPRINT_BYTES)
                == 0;
        if (found)
            shard->entries = shard_index_entries(old, at);
        work->wanted[i] = !found && !shard->scanned;
    }
}

static bool write_output(Indexing *work, Artifact *output, Failure *failure)
{
    Arena *arena = &work->stage->arena;
    ShardEntries *entries;
    if (!arena_array(arena, entries, work->list.count, failure))
        return false;
    for (size_t i = 0; i < work->list.count; i++)
        entries[i] = work->shards[i].entries;
    IndexContent content = {
        .partition = partition_of_word(option_text(&work->stage->values, "partition")),
        .features = option_text(&work->stage->values, "features"),
        .names = work->list.names,
        .entries = entries,
        .shards = work->list.count,
    };
    return index_check_ids(&content, *arena, failure)
        && index_write(&content, &output->file, *arena, failure);
}

/* Whether the shards that were scanned for their entries alone are those that entered the key. */
static bool check_fingerprints(const Indexing *work, Failure *failure)
{
    for (size_t i = 0; i < work->list.count; i++) {
        const Shard *shard = &work->shards[i];
        if (shard->scanned && shard->remembered
            && memcmp(shard->entries.fingerprint, shard->remembered->fingerprint,
                      INDEX_FINGERPRINT_BYTES)
                != 0)
            return fail(failure, EX_TEMPFAIL, "%s: changed while it was read; run again",
                        shard->path);
    }
    return true;
}

/* Write the index from the old one and from what was scanned. */
static bool make_index(Indexing *work, Artifact *output, Failure *failure)
{
    ShardIndex old;
    open_old(&old, work);
    take_entries(work, &old);
    bool ok = scan_wanted(work, failure) && check_fingerprints(work, failure)
        && write_output(work, output, failure);
    shard_index_close(&old);
    return ok;
}

static void end(Indexing *work)
{
    for (size_t i = 0; work->shards && i < work->list.count; i++)
        arena_close(&work->shards[i].arena);
}

static bool index_partition(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Indexing work = { 0 };
    Artifact output = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure) && begin(&work, &stage, failure)
        && look(&work, failure)        // which shards changed since the last time
        && scan_wanted(&work, failure) // verifies these in full
        && remember(&work, failure) && enter_shards(&work, failure)
        && artifact_create(&output, &stage, "index", failure)
        && make_index(&work, &output, failure) // the others' entries come from the old index
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    end(&work);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return index_partition(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
