/*
 * torture CLONE FOLDER LIBRARY SCRATCH RUNS SEED [RUN]: disturb a small build RUNS times, each time at a
 * moment and a place drawn from the seed; finish it with an ordinary make; compare it with undisturbed
 * ones. torture.sh prepares the clone and calls this.
 *
 *   CLONE    where make runs        FOLDER  O, from there on     LIBRARY  faults.so
 *   SCRATCH  has the shards in data/, and has room for the undisturbed build
 *   RUN      this one alone
 *
 * Exit code: 0, 1 where something was lost, 70 where the undisturbed build can't be made.
 */
#include "kinds.h"
#include "common/base/file.h"
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHARD "2/frame/train/trainaa.tfrecord"
#define OTHER_FLAG_WORD "disturbed/tuned.set=--learning-rate 0.004"

/* How often each kind was driven, and how often all was well. */
typedef struct Tally {
    unsigned runs, ok, skipped;
} Tally;

typedef struct Session {
    Site site;
    References references;
    unsigned long long runs, seed;
    long long only; // -1: all
    Tally tallies[64];
    Arena arena;
} Session;

/* ---- the other shard ---- */

/* Flip the lowest bit of every byte of every frame: another shard of the same shape. */
static void alter_video(const Video *video)
{
    for (size_t i = 0; i < video->feature_count; i++) {
        const VideoFeature *feature = &video->features[i];
        for (size_t j = 0; feature->is_frames && feature->distance && j < feature->frames; j++)
            for (size_t k = 0; k < feature->width; k++)
                ((uint8_t *)feature->first)[j * feature->distance + k] ^= 1; // in our own copy
    }
}

static bool alter_shard(const char *from, const char *to, Arena scratch, Failure *failure)
{
    char *text;
    size_t size;
    Record record;
    uint32_t checksum;
    if (!file_read(from, &scratch, &text, &size, failure))
        return false;
    TfrecordReader reader = tfrecord_of_bytes(from, text, size);
    while (tfrecord_next_frame(&reader, &record, &checksum, failure)) {
        Video video;
        if (!video_parse(&video, record.bytes, record.size, from, &scratch, failure))
            return false;
        alter_video(&video);
        checksum = tfrecord_checksum(record.bytes, record.size);
        memcpy((uint8_t *)record.bytes + record.size, &checksum, sizeof checksum);
    }
    return failure->code == EX_OK && file_write(to, text, size, failure);
}

/* ---- undisturbed builds ---- */

static bool map_plan(Session *s, Failure *failure)
{
    char *path = arena_format(&s->arena, failure, "%s/plan", s->site.scratch);
    int descriptor = path ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (descriptor < 0 || ftruncate(descriptor, sizeof(Plan)) != 0)
        return fail_errno(failure, EX_CANTCREAT, "%s", path ? path : "plan");
    void *bytes = mmap(NULL, sizeof(Plan), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (bytes == MAP_FAILED)
        return fail_errno(failure, EX_OSERR, "%s", path);
    s->site.plan = bytes;
    return true;
}

static bool prepare_shards(Session *s, Failure *failure)
{
    Plan *plan = s->site.plan;
    const char *scratch = s->site.scratch;
    snprintf(plan->under, sizeof plan->under, "%s", s->site.root);
    snprintf(plan->shard, sizeof plan->shard, "%s/data/" SHARD, scratch);
    snprintf(plan->spare, sizeof plan->spare, "%s/spare.tfrecord", scratch);
    for (int i = 0; i < 2; i++)
        snprintf(plan->content[i], sizeof plan->content[i], "%s/shard.%d", scratch, i);
    return (command("cp '%s' '%s'", plan->shard, plan->content[0])
            || fail(failure, EX_IOERR, "%s: can't be copied", plan->shard))
        && alter_shard(plan->content[0], plan->content[1], s->arena, failure);
}

static Run run_of(Session *s, unsigned long long number)
{
    return (Run){ .site = &s->site,
                  .references = &s->references,
                  .key = philox_key(s->seed, "torture"),
                  .number = number,
                  .arena = s->arena,
                  .said = stdout,
                  .ok = true };
}

static void show_logs(Run *run)
{
    for (int i = 0; i < 3; i++) {
        printf("  -- the end of what make number %d said\n", i);
        command("tail -n 12 '%s' 2>/dev/null | sed 's/^/  | /'", log_path(run, i));
    }
}

/* Build undisturbed, and look at what comes out. */
static bool build_reference(Session *s, Which which, const char *more, Failure *failure)
{
    int status;
    Run run = run_of(s, 0); // its arena begins behind the snapshots that there are
    Order order = { .planned = true, .more = more, .log = log_path(&run, 0) };
    Plan *plan = plan_begin(&run);
    if (!make_whole(&run, &order, &status) || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        show_logs(&run);
        return fail(failure, EX_SOFTWARE, "the undisturbed build fails");
    }
    memcpy(s->references.calls[which], plan->seen, sizeof plan->seen);
    return snapshot_take(&s->references.snapshots[which], s->site.root, &s->arena, failure);
}

static bool build_references(Session *s, Failure *failure)
{
    Run run = run_of(s, 0);
    const Plan *plan = s->site.plan;
    begin_with_nothing(&run);
    if (!build_reference(s, AS_IT_IS, NULL, failure))
        return false;
    command("cd '%s' && mkdir '%s/whole' && cp -a submissions reports cache progress '%s/whole' && "
            "find bin lib obj | sort >'%s/programs'",
            s->site.root, s->site.scratch, s->site.scratch, s->site.scratch);
    if (!command("cp '%s' '%s'", plan->content[1], plan->shard)
        || !build_reference(s, ALTERED, NULL, failure))
        return false;
    begin_with_all(&run);
    return build_reference(s, OTHER_FLAG, OTHER_FLAG_WORD, failure);
}

/* ---- runs ---- */

/* Which kind a run is of: they take turns; a session shorter than a round has the early ones. */
static size_t kind_of(const Session *s, unsigned long long number)
{
    size_t early = 0, place;
    for (size_t i = 0; i < kind_count; i++)
        early += kinds[i].early;
    if (s->runs >= kind_count)
        return number % kind_count;
    place = number % early;
    for (size_t i = 0;; i++)
        if (kinds[i].early && place-- == 0)
            return i;
}

static void run_one(Session *s, unsigned long long number)
{
    const Kind *kind = &kinds[kind_of(s, number)];
    Tally *tally = &s->tallies[kind - kinds];
    Run run = run_of(s, number);
    double started = seconds_now();
    char *text = NULL;
    size_t size;
    command("rm -f '%s'/log.?", s->site.scratch);
    run.said = open_memstream(&text, &size);
    kind->disturb(&run, kind);
    if (!run.skipped && !run.finished)
        finish(&run);
    fclose(run.said);
    tally->runs++;
    tally->ok += run.ok && !run.skipped;
    tally->skipped += run.skipped;
    printf("%s run %llu, %s%s (%.1f s)\n",
           run.skipped  ? "skip"
               : run.ok ? "ok  "
                        : "LOST",
           number, kind->name, run.what, seconds_now() - started);
    if (!run.ok) {
        fputs(text, stdout);
        show_logs(&run);
        printf("  again: make torture TORTURE_SEED=%llu TORTURE_RUNS=%llu TORTURE_RUN=%llu\n",
               s->seed, s->runs, number);
    }
    fflush(stdout);
    free(text);
}

static int show_table(const Session *s)
{
    unsigned runs = 0, ok = 0, skipped = 0;
    printf("\n%-36s %5s %5s\n", "fault", "runs", "ok");
    for (size_t i = 0; i < kind_count; i++) {
        const Tally *tally = &s->tallies[i];
        if (tally->runs)
            printf("%-36s %5u %5u%s\n", kinds[i].name, tally->runs, tally->ok,
                   tally->skipped ? "  (the others can't be done on this machine)" : "");
        runs += tally->runs;
        ok += tally->ok;
        skipped += tally->skipped;
    }
    printf("%u faults, %u lost\n", runs - skipped, runs - skipped - ok);
    return runs - skipped == ok ? EX_OK : 1;
}

static bool torture(Session *s, Failure *failure)
{
    build_prepare();
    if (!arena_open(&s->arena, ARENA_LARGE, failure) || !map_plan(s, failure))
        return false;
    s->references.flag = OTHER_FLAG_WORD;
    s->site.root = arena_format(&s->arena, failure, "%s/%s", s->site.clone, s->site.folder);
    if (!s->site.root || !prepare_shards(s, failure) || !build_references(s, failure))
        return false;
    for (unsigned long long i = 0; i < s->runs; i++)
        if (s->only < 0 || (unsigned long long)s->only == i)
            run_one(s, i);
    return true;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    Session s = { 0 };
    if (argc != 7 && argc != 8) {
        fprintf(stderr, "usage: torture CLONE FOLDER LIBRARY SCRATCH RUNS SEED [RUN]\n");
        return EX_USAGE;
    }
    s.site = (Site){ argv[1], argv[2], NULL, argv[3], argv[4], NULL };
    s.runs = strtoull(argv[5], NULL, 10);
    s.seed = strtoull(argv[6], NULL, 10);
    s.only = argc == 8 ? strtoll(argv[7], NULL, 10) : -1;
    bool ok = torture(&s, &failure);
    arena_close(&s.arena);
    return ok ? show_table(&s) : failure_report(&failure, "torture");
}
