#include "run.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_SECONDS 180.0 // a whole build takes seconds; a busy machine is no failure
#define MOST_PATH 700

uint64_t draw(Run *run, uint64_t n)
{
    uint32_t words[4];
    philox(run->key, run->number, run->draws++, words);
    return ((uint64_t)words[0] << 32 | words[1]) % n;
}

void note(Run *run, const char *format, ...)
{
    va_list arguments;
    size_t length = strlen(run->what);
    va_start(arguments, format);
    vsnprintf(run->what + length, sizeof run->what - length, format, arguments);
    va_end(arguments);
}

bool wrong(Run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(run->said, format, arguments);
    va_end(arguments);
    fputc('\n', run->said);
    run->ok = false;
    return false;
}

bool command(const char *format, ...)
{
    char line[8 * MOST_PATH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fflush(NULL);
    return system(line) == 0; // NOLINT: a test; the line is our own
}

/* ---- states ---- */

static void give_shard_back(const Run *run)
{
    const Plan *plan = run->site->plan;
    command("cmp -s '%s' '%s' || cp '%s' '%s'", plan->content[0], plan->shard, plan->content[0],
            plan->shard);
}

void begin_with_nothing(Run *run)
{
    give_shard_back(run);
    command("cd '%s' && rm -rf submissions reports cache progress", run->site->root);
}

void begin_with_all(Run *run)
{
    begin_with_nothing(run);
    command("cp -a '%s/whole/.' '%s'", run->site->scratch, run->site->root);
}

void begin_somewhere(Run *run)
{
    static const Which drawn[] = { AS_IT_IS, AS_IT_IS, ALTERED, OTHER_FLAG };
    run->result = drawn[draw(run, sizeof drawn / sizeof *drawn)];
    if (run->result == AS_IT_IS) {
        begin_with_nothing(run);
        return;
    }
    begin_with_all(run);
    note(run, run->result == ALTERED ? ", a shard altered," : ", another flag,");
    if (run->result == ALTERED)
        command("cp '%s' '%s'", run->site->plan->content[1], run->site->plan->shard);
    else
        run->more = run->references->flag;
}

/* ---- plans ---- */

Plan *plan_begin(Run *run)
{
    Plan *plan = run->site->plan;
    plan->program[0] = 0;
    plan->place = PLACE_ANYWHERE;
    plan->action = ACT_NOT;
    plan->at = plan->back_at = 0;
    plan->lasting = plan->by_rename = plan->acted = 0;
    memset(plan->seen, 0, sizeof plan->seen);
    return plan;
}

static const char *const place_names[PLACES] = { "anywhere",   "progress", "cache",     "stamps",
                                                 "provenance", "shards",   "artifacts", "records" };

void plan_at(Run *run, Place place)
{
    Plan *plan = run->site->plan;
    uint64_t calls = run->references->calls[run->result][place];
    plan->place = place;
    plan->at = 1 + draw(run, calls ? calls : 1);
    note(run, " at call %llu of %llu on %s", (unsigned long long)plan->at,
         (unsigned long long)calls, place_names[place]);
}

void plan_somewhere(Run *run)
{
    plan_at(run, (Place)draw(run, PLACE_RECORD));
}

/* ---- makes ---- */

const char *log_path(Run *run, int i)
{
    Failure none = { 0 };
    return arena_format(&run->arena, &none, "%s/log.%d", run->site->scratch, i);
}

bool make_whole(Run *run, const Order *order, int *status)
{
    Build build;
    if (!build_start(&build, run->site, order))
        return wrong(run, "make can't be started");
    bool ended = build_wait(&build, HANG_SECONDS);
    if (!ended) {
        kill(-build.make, SIGKILL);
        build_wait(&build, HANG_SECONDS);
        wrong(run, "make hangs; see %s", order->log);
    }
    *status = build.status;
    return ended;
}

bool make_until(Run *run, Build *build, const Order *order, double seconds_more)
{
    Plan *plan = run->site->plan;
    if (!build_start(build, run->site, order))
        return wrong(run, "make can't be started");
    while (__atomic_load_n(&plan->seen[plan->place], __ATOMIC_SEQ_CST) < plan->at
           && !build_wait(build, 0))
        pause_for(0.0005);
    pause_for(seconds_more);
    return !build_wait(build, 0);
}

/* ---- checks ---- */

static bool look(Run *run, Snapshot *found)
{
    Failure failure = { 0 };
    return snapshot_take(found, run->site->root, &run->arena, &failure)
        || wrong(run, "%s", failure.message);
}

static Truth truth_of(const Run *run)
{
    return (Truth){ run->references->snapshots, REFERENCES, run->damaged, run->mixed };
}

bool is_complete(Run *run, Which which, const char *when)
{
    Snapshot found;
    Truth truth = truth_of(run);
    return look(run, &found)
        && (snapshot_same(&run->references->snapshots[which], &found, &truth, run->said)
            || wrong(run, "%s it isn't what an undisturbed build gives", when));
}

bool is_true(Run *run, const char *when)
{
    Snapshot found;
    Truth truth = truth_of(run);
    return look(run, &found)
        && (snapshot_is_true(&found, run->site->root, &truth, run->arena, run->said)
            || wrong(run, "%s something wrong has valid provenance", when));
}

/* The artifact in a line "  STAGE NAME", which says that it is being made; NULL: it says something else. */
static const char *made_name(const char *line, char name[1000])
{
    size_t stage = strncmp(line, "  ", 2) == 0 ? strspn(line + 2, "abcdefghijklmnopqrstuvwxyz") : 0;
    bool made = stage && line[2 + stage] == ' ' && sscanf(line + 2 + stage, " %999s", name) == 1
        && strchr(name, '/') && !strstr(line, "(from the cache)");
    return made ? name : NULL;
}

const char *made_in(Run *run, const char *log)
{
    char line[2000], name[1000];
    Failure none = { 0 };
    char *text = arena_format(&run->arena, &none, "\n");
    FILE *file = fopen(log, "r");
    while (file && fgets(line, sizeof line, file))
        if (made_name(line, name))
            text = arena_format(&run->arena, &none, "%s%s\n", text, name);
    if (file)
        fclose(file);
    return text;
}

/* Length of a path without its ending. */
static size_t stem_length(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? (size_t)(dot - path) : strlen(path);
}

/* Whether an artifact is there with all that is made with it, as in the undisturbed build. */
static bool is_finished(const Snapshot *found, const Snapshot *expected, const char *path)
{
    size_t stem = stem_length(path);
    for (size_t i = 0; i < expected->count; i++) {
        const SnapshotFile *file = &expected->files[i];
        size_t length = strlen(file->path);
        if (strncmp(file->path, path, stem) != 0
            || (file->path[stem] != '.' && file->path[stem] != '/')
            || (length > 6 && strcmp(file->path + length - 6, ".stamp") == 0))
            continue;
        const SnapshotFile *now = snapshot_find(found, file->path);
        if (!now || strcmp(now->sha256, file->sha256) != 0)
            return false;
    }
    return true;
}

/* Whether nothing that was finished is in the list of what was made. */
static void check_made(Run *run, const Snapshot *before, const char *made)
{
    char name[MOST_PATH];
    const Snapshot *expected = &run->references->snapshots[run->result];
    for (const char *line = made + 1; *line; line += strcspn(line, "\n") + 1) {
        snprintf(name, sizeof name, "%s%.*s",
                 strncmp(line, "reports/", 8) == 0 ? "" : "submissions/", (int)strcspn(line, "\n"),
                 line);
        if (snapshot_find(before, name) && is_finished(before, expected, name))
            wrong(run, "%s was finished, and is made again", name);
    }
}

void finish(Run *run)
{
    Snapshot before = { 0 };
    int status;
    bool known = !run->at_once;
    if (known && !build_wait_for_all(HANG_SECONDS))
        wrong(run, "something that make left behind hangs");
    if (known) {
        if (!run->damaged[0])
            is_true(run, "after the fault");
        look(run, &before);
    }
    if (strncmp(run->damaged, "cache/", 6) != 0)
        run->damaged[0] = 0; // from here on nothing may be wrong, but an entry that nobody asks for
    Order order = { .log = log_path(run, 2), .more = run->more };
    if (!make_whole(run, &order, &status))
        return;
    if (!build_wait_for_all(HANG_SECONDS))
        wrong(run, "something that make left behind hangs");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        wrong(run, "the make after it fails; see %s", order.log);
    is_complete(run, run->result, "in the end");
    is_true(run, "in the end");
    if (!command("cd '%s' && find bin lib obj | sort | diff '%s/programs' - >&2", run->site->root,
                 run->site->scratch))
        wrong(run, "beside the programs something was left behind");
    if (known)
        check_made(run, &before, made_in(run, order.log));
}
