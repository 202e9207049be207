/*
 * synthesize: a league in the dataset's own layout and formats.
 *
 * Each shard is drawn and written by one thread, from its videos' numbers alone, so the bytes don't
 * depend on the number of threads, and a run that was stopped goes on with the shards that are
 * missing.
 */
#include "common/artifact/folder.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/league/names.h"
#include "common/league/shard.h"
#include "common/league/tables.h"
#include "common/learn/interrupts.h"

#include <stdio.h>
#include <string.h>

#define PARTITIONS 3

static const Option options[] = {
    { "partitions", OPTION_TEXT, "all",
      "which to write, as 2/frame/train,3/frame/validate,...; tables are always written" },
    { 0 },
};

static bool more_options(const Option *tables[4], size_t *count, int argc, char *const argv[],
                         Failure *failure)
{
    (void)argc, (void)argv, (void)failure;
    tables[(*count)++] = league_options;
    return true;
}

static const Manual manual = { "synthesize", "Write a synthetic league.", NULL, options,
                               more_options };

/* A shard of a partition, at all its levels. */
typedef struct Unit {
    Partition partition;
    size_t shard;
} Unit;

typedef struct Synthesis {
    Stage *stage;
    LeagueParameters parameters;
    World world;
    ArtifactFolder folder;
    bool wanted[PARTITIONS][SHARD_KINDS];
    Unit *units;
    size_t unit_count;
    uint64_t videos, done; // of all units
    Progress progress;
    Failure failure; // the first of any thread
} Synthesis;

/* Mark one partition ("3/frame/test") as wanted; false where there is none of that name. */
static bool want(Synthesis *work, const char *name, size_t length)
{
    char file[SHARD_NAME_BYTES];
    for (size_t p = 0; p < PARTITIONS; p++)
        for (size_t kind = 0; kind < SHARD_HIDDEN; kind++) {
            shard_file_name(file, (Partition)p, (ShardKind)kind, 0);
            if (!shard_kind_exists((Partition)p, (ShardKind)kind)
                || (size_t)(path_name(file) - 1 - file) != length
                || memcmp(file, name, length) != 0)
                continue;
            work->wanted[p][kind] = work->wanted[p][SHARD_HIDDEN] = true;
            return true;
        }
    return false;
}

static bool parse_partitions(Synthesis *work, Failure *failure)
{
    const char *text = option_text(&work->stage->values, "partitions");
    if (strcmp(text, "all") == 0)
        text = "2/video/train,2/video/validate,2/video/test,2/frame/train,2/frame/validate,"
               "2/frame/test,3/frame/validate,3/frame/test";
    for (size_t length; *text; text += length + (text[length] == ',')) {
        length = strcspn(text, ",");
        if (!want(work, text, length))
            return fail(failure, EX_USAGE,
                        "--partitions: %.*s is none; such as 2/frame/train,3/frame/validate",
                        (int)length, text);
    }
    return true;
}

static bool begin(Synthesis *work, Stage *stage, Failure *failure)
{
    work->stage = stage;
    return league_parameters(&work->parameters, &stage->values, failure)
        && parse_partitions(work, failure);
}

/* The largest shards first, so that the last thread to finish has little left. */
static bool list_units(Synthesis *work, Failure *failure)
{
    size_t most = 0;
    for (size_t p = 0; p < PARTITIONS; p++)
        most += league_shards(&work->parameters, (Partition)p);
    if (!arena_array(&work->stage->arena, work->units, most, failure))
        return false;
    for (size_t p = 0; p < PARTITIONS; p++) {
        if (!work->wanted[p][SHARD_HIDDEN])
            continue;
        for (size_t i = 0; i < league_shards(&work->parameters, (Partition)p); i++)
            work->units[work->unit_count++] = (Unit){ (Partition)p, i };
        work->videos += league_videos(&work->parameters, (Partition)p);
    }
    return true;
}

/* Count a video; stop where a signal came or another thread failed. */
static bool go_on(void *context, Failure *failure)
{
    Synthesis *work = context;
    bool failed;
#pragma omp critical(synthesize)
    {
        failed = work->failure.code != EX_OK;
        progress_update(&work->progress, ++work->done, NULL);
    }
    if (interrupts_came())
        return fail(failure, EX_TEMPFAIL, "stopped by a signal; the same command goes on");
    return !failed || fail(failure, EX_TEMPFAIL, "stopped: another shard failed");
}

/* Open the files of a shard that aren't done yet; how many. */
static bool open_files(Synthesis *work, Unit unit, AtomicFile files[], AtomicFile *open[],
                       size_t *count, Failure *failure)
{
    char name[SHARD_NAME_BYTES];
    for (size_t kind = 0; kind < SHARD_KINDS; kind++) {
        shard_file_name(name, unit.partition, (ShardKind)kind, unit.shard);
        if (!work->wanted[unit.partition][kind]
            || artifact_folder_has(&work->folder, name, failure))
            continue;
        if (!artifact_folder_open_file(&work->folder, name, &files[kind], failure))
            return false;
        open[kind] = &files[kind];
        ++*count;
    }
    return failure->code == EX_OK;
}

static bool write_unit(Synthesis *work, Unit unit, Failure *failure)
{
    AtomicFile files[SHARD_KINDS], *open[SHARD_KINDS] = { NULL };
    size_t count = 0;
    for (size_t kind = 0; kind < SHARD_KINDS; kind++)
        files[kind].descriptor = -1;
    bool ok = open_files(work, unit, files, open, &count, failure)
        && (count == 0
            || shard_write(open, &work->world, unit.partition, unit.shard, go_on, work, failure));
    for (size_t kind = 0; kind < SHARD_KINDS; kind++) {
        if (open[kind])
            ok = ok && artifact_folder_close_file(&work->folder, open[kind], failure);
        atomic_file_discard(&files[kind]);
    }
    return ok;
}

static void write_piece(void *context, size_t begin, size_t end)
{
    Synthesis *work = context;
    for (size_t i = begin; i < end; i++) {
        Failure failure = { 0 };
        bool stopped;
#pragma omp critical(synthesize)
        stopped = work->failure.code != EX_OK;
        if (stopped || write_unit(work, work->units[i], &failure))
            continue;
#pragma omp critical(synthesize)
        fail(&work->failure, failure.code, "%s", failure.message);
    }
}

static bool write_shards(Synthesis *work, Failure *failure)
{
    progress_begin(&work->progress, "synthesize", "videos", 0, work->videos);
    parallel_for(work->unit_count, 1, write_piece, work);
    if (work->failure.code != EX_OK)
        return fail(failure, work->failure.code, "%s", work->failure.message);
    progress_end(&work->progress, work->done, NULL);
    return true;
}

/* A file of the folder that is no shard. */
typedef bool WriteTable(AtomicFile *file, Synthesis *work, Failure *failure);

static bool table(Synthesis *work, const char *name, WriteTable *write, Failure *failure)
{
    AtomicFile file = { .descriptor = -1 };
    bool ok = artifact_folder_open_file(&work->folder, name, &file, failure)
        && write(&file, work, failure) && artifact_folder_close_file(&work->folder, &file, failure);
    atomic_file_discard(&file);
    return ok;
}

static bool vocabulary(AtomicFile *file, Synthesis *work, Failure *failure)
{
    uint64_t *counts;
    return arena_array(&work->stage->arena, counts, work->world.classes, failure)
        && count_labels(counts, &work->world, failure)
        && write_vocabulary(file, &work->world, counts, work->stage->arena, failure);
}

static bool segment_classes(AtomicFile *file, Synthesis *work, Failure *failure)
{
    return write_segment_classes(file, &work->world, failure);
}

static bool eigenvalues(AtomicFile *file, Synthesis *work, Failure *failure)
{
    (void)work;
    return write_eigenvalues(file, failure);
}

static bool truth(AtomicFile *file, Synthesis *work, Failure *failure)
{
    return write_truth(file, &work->world, work->stage->arena, failure);
}

static bool write_league(Synthesis *work, Failure *failure)
{
    return list_units(work, failure)
        && world_create(&work->world, &work->parameters, &work->stage->arena, failure)
        && write_shards(work, failure) && table(work, "vocabulary.csv", vocabulary, failure)
        && table(work, "segment_label_ids.csv", segment_classes, failure)
        && table(work, "eigenvals.npy", eigenvalues, failure)
        && table(work, "truth.csv", truth, failure);
}

static bool synthesize(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Synthesis work = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure) && begin(&work, &stage, failure)
        && artifact_folder_create(&work.folder, &stage, "league", failure)
        && write_league(&work, failure) && artifact_folder_commit(&work.folder, failure);
    artifact_folder_discard(&work.folder);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    interrupts_hold(); // before the first thread
    return synthesize(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
