/* Faults in what a build reads: shards that change, clocks and times. */
#include "kinds.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Calls of a program on its records, in the disturbed state; counted once for each program. */
static uint64_t records_of(Run *run, const char *program)
{
    int status;
    Plan *plan = plan_begin(run);
    snprintf(plan->program, sizeof plan->program, "%s", program);
    plan->place = PLACE_RECORD;
    Order order = { .planned = true, .log = log_path(run, 0) };
    make_whole(run, &order, &status);
    uint64_t found = plan->seen[PLACE_RECORD];
    return found ? found : 1;
}

/* The make that follows sees the shard as it is then. */
static void expect_shard(Run *run)
{
    const Plan *plan = run->site->plan;
    bool altered = command("cmp -s '%s' '%s'", plan->content[1], plan->shard);
    run->result = altered ? ALTERED : AS_IT_IS;
    note(run, altered ? ", and stays so" : ", and back again");
}

static void run_change(Run *run, const char *program, Place place, uint64_t calls)
{
    int status;
    Plan *plan = plan_begin(run);
    snprintf(plan->program, sizeof plan->program, "%s", program);
    plan->place = place;
    plan->action = ACT_SWAP;
    plan->at = 1 + draw(run, calls);
    plan->by_rename = draw(run, 2) == 0;
    plan->back_at = draw(run, 2) ? plan->at + 1 + draw(run, calls) : 0;
    note(run, ": %s at call %llu of %llu of %s", plan->by_rename ? "replaced" : "written over",
         (unsigned long long)plan->at, (unsigned long long)calls, program);
    Order order = { .planned = true, .log = log_path(run, 0) };
    make_whole(run, &order, &status);
    expect_shard(run);
}

/* Without what was made of the shards, so that it is made again from them. */
static void begin_before_training(Run *run)
{
    begin_with_all(run);
    command("cd '%s' && rm -rf cache reports submissions/disturbed", run->site->root);
}

void change_shard(Run *run, const Kind *kind)
{
    static const char *const programs[] = { "train", "softlabel" };
    const char *program = programs[draw(run, 3) == 0];
    (void)kind;
    begin_before_training(run);
    uint64_t calls = records_of(run, program);
    begin_before_training(run);
    run_change(run, program, PLACE_RECORD, calls);
}

/*
 * Scans: of shards that were never seen, or of shards that are remembered while the index is lost; while
 * records are read, or before and after it.
 */
void change_shard_in_scan(Run *run, const Kind *kind)
{
    bool remembered = draw(run, 2);
    (void)kind;
    for (int i = 0; i < 2; i++) {
        if (remembered)
            begin_before_training(run);
        else
            begin_with_nothing(run);
        if (remembered)
            command("cd '%s' && rm -f submissions/data/training-frames.index", run->site->root);
        uint64_t calls = i == 0 ? records_of(run, "index") : run->site->plan->seen[PLACE_RECORD];
        if (i == 1 && draw(run, 3) == 0)
            run_change(run, "index", PLACE_ANYWHERE, 12); // its calls until the index is written
        else if (i == 1)
            run_change(run, "index", PLACE_RECORD, calls);
    }
}

/* ---- clocks ---- */

static int64_t draw_jump(Run *run)
{
    static const int64_t jumps[] = { -365 * 86400, -3600, -2, 3600, 365 * 86400 };
    int64_t jump = jumps[draw(run, sizeof jumps / sizeof *jumps)];
    note(run, " by %lld s", (long long)jump);
    return jump;
}

/* While a changed flag is followed through the pipeline. Right after it everything must be there. */
static void make_other_flag(Run *run, bool planned)
{
    int status;
    Order order = { .planned = planned, .more = run->references->flag, .log = log_path(run, 0) };
    if (make_whole(run, &order, &status) && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        wrong(run, "make fails; see %s", order.log);
    build_wait_for_all(60);
    is_complete(run, OTHER_FLAG, "with another flag");
}

void jump_clock(Run *run, const Kind *kind)
{
    Plan *plan = plan_begin(run);
    (void)kind;
    begin_with_all(run);
    plan->clock_seconds = draw_jump(run);
    plan->action = ACT_CLOCK;
    plan->at = 1 + draw(run, run->references->calls[OTHER_FLAG][PLACE_ANYWHERE]);
    note(run, " at call %llu", (unsigned long long)plan->at);
    make_other_flag(run, true);
}

/* Give a share of the files some other time, each its own or all the same. */
static void touch_some(Run *run)
{
    static const char *const times[] = { "1970-01-01T00:00:00Z", "2001-01-01T00:00:00Z",
                                         "2037-01-01T00:00:00Z", "now" };
    static const char *const names[] = { "*", "*.stamp", "*.provenance", "*.safetensors",
                                         "*.seen" };
    const char *time = times[draw(run, 4)], *name = names[draw(run, 5)];
    unsigned long long one_of = 1 + draw(run, 3);
    note(run, " [%s of one in %llu %s]", time, one_of, name);
    command("find '%s/submissions' '%s/reports' '%s/cache' '%s/data' -name '%s' -type f | sort | "
            "awk 'NR %% %llu == 0' | xargs -r touch -d %s",
            run->site->root, run->site->root, run->site->root, run->site->scratch, name, one_of,
            time);
}

void touch_files(Run *run, const Kind *kind)
{
    int status;
    Order order = { .log = log_path(run, 1) };
    (void)kind;
    plan_begin(run);
    begin_with_all(run);
    touch_some(run);
    touch_some(run);
    make_whole(run, &order, &status);
    const char *made = made_in(run, order.log);
    if (strcmp(made, "\n") != 0)
        wrong(run, "times alone have something made:%s", made);
    touch_some(run);
    make_other_flag(run, false);
    touch_some(run);
}
