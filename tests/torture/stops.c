/* Faults that stop a build or let its calls fail. */
#include "kinds.h"

#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LATER_SECONDS 0.03 // a step of the small pipeline takes about as long

static Order disturbed(Run *run)
{
    return (Order){
        .planned = true, .jobs = draw(run, 2) ? 2 : 0, .more = run->more, .log = log_path(run, 0)
    };
}

/* Where make says that all went well, all must be well. */
static void check_success(Run *run, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        note(run, "; make went through");
        if (build_wait_for_all(60))
            is_complete(run, run->result, "after a make that said it succeeded");
    }
}

/* From outside: not at a call, but some time after it, in the middle of whatever is done there. */
static void signal_from_outside(Run *run, const Kind *kind, const Order *order)
{
    Build build;
    double later = LATER_SECONDS * (double)draw(run, 1000) / 1000;
    note(run, " and %.1f ms", 1000 * later);
    if (make_until(run, &build, order, later))
        kill(kind->whom == WHOM_GROUP ? -build.make : build.make, kind->signal);
    if (!build_wait(&build, 60)) {
        wrong(run, "make doesn't end");
        kill(-build.make, SIGKILL);
    }
}

void stop_build(Run *run, const Kind *kind)
{
    int status;
    Plan *plan = plan_begin(run);
    begin_somewhere(run);
    plan_somewhere(run);
    Order order = disturbed(run);
    bool outside = (kind->whom == WHOM_MAKE || kind->whom == WHOM_GROUP) && draw(run, 3) == 0;
    run->at_once = kind->whom == WHOM_MAKE && draw(run, 2);
    if (run->at_once)
        note(run, ", the next make at once");
    if (outside) {
        signal_from_outside(run, kind, &order);
        return;
    }
    plan->whom = (Whom)kind->whom;
    plan->signal = kind->signal;
    plan->action = ACT_SIGNAL;
    if (make_whole(run, &order, &status))
        check_success(run, status);
}

void fail_call(Run *run, const Kind *kind)
{
    int status;
    Plan *plan = plan_begin(run);
    begin_somewhere(run);
    plan_somewhere(run);
    plan->action = ACT_FAIL;
    plan->error = kind->error;
    plan->lasting = kind->lasting;
    Order order = disturbed(run);
    if (make_whole(run, &order, &status))
        check_success(run, status);
}

/* write(2) may take less than it was given: that is no error. */
void write_little(Run *run, const Kind *kind)
{
    int status;
    Plan *plan = plan_begin(run);
    (void)kind;
    begin_somewhere(run);
    plan_somewhere(run);
    plan->action = ACT_SHORT;
    Order order = disturbed(run);
    if (make_whole(run, &order, &status) && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        wrong(run, "make fails where writes are short; see %s", order.log);
    check_success(run, status);
}

static const char *draw_folder(Run *run)
{
    static const char *const folders[] = { "submissions", "reports", "cache", "progress" };
    return folders[draw(run, sizeof folders / sizeof *folders)];
}

/* What a folder of the undisturbed build takes. */
static unsigned long long folder_kib(Run *run, const char *folder)
{
    unsigned long long kib = 0;
    Failure none = { 0 };
    const char *line =
        arena_format(&run->arena, &none, "du -sk '%s/whole/%s'", run->site->scratch, folder);
    FILE *said = popen(line, "r"); // NOLINT: a test; the line is our own
    if (said && fscanf(said, "%llu", &kib) != 1)
        kib = 0;
    if (said)
        pclose(said);
    return kib;
}

/* One of the folders becomes a small file system of its own, until the last make. */
void fill_disk(Run *run, const Kind *kind)
{
    int status;
    const char *folder = draw_folder(run);
    unsigned long long kib = 8 + draw(run, folder_kib(run, folder) + 1);
    (void)kind;
    plan_begin(run);
    begin_with_nothing(run);
    note(run, " of %llu KiB in %s", kib, folder);
    if (geteuid() != 0
        || !command("cd '%s' && mkdir -p %s && mount -t tmpfs -o size=%lluk none %s 2>/dev/null",
                    run->site->root, folder, kib, folder)) {
        run->skipped = true;
        note(run, ": file systems can't be mounted here");
        return;
    }
    Order order = disturbed(run);
    order.planned = false;
    if (make_whole(run, &order, &status))
        check_success(run, status);
    build_wait_for_all(60);
    if (!command("cd '%s' && mount -o remount,size=1g %s", run->site->root, folder))
        wrong(run, "it can't be made larger");
    finish(run);
    run->finished = true;
    command("cd '%s' && umount %s", run->site->root, folder);
}

/* Take modes away, or give them back, for who isn't root. */
static void change_modes(Run *run, const char *folder, const char *mode)
{
    if (geteuid() != 0)
        command("chmod -R %s '%s/%s'", mode, run->site->root, folder);
}

static bool look_at(Run *run, Snapshot *snapshot)
{
    Failure failure = { 0 };
    return snapshot_take(snapshot, run->site->root, &run->arena, &failure);
}

/* A build that was stopped somewhere goes on where it may not write: nothing changes, and it says so. */
void take_rights(Run *run, const Kind *kind)
{
    int status;
    Snapshot before, after;
    Failure none = { 0 };
    const char *folder = draw(run, 5) ? draw_folder(run) : ".";
    Plan *plan = plan_begin(run);
    (void)kind;
    begin_with_nothing(run);
    note(run, " in %s, where a build was killed", folder);
    plan_somewhere(run);
    plan->whom = WHOM_GROUP;
    plan->signal = SIGKILL;
    plan->action = ACT_SIGNAL;
    Order order = disturbed(run);
    make_whole(run, &order, &status);
    build_wait_for_all(60);
    command("cd '%s' && mkdir -p %s", run->site->root, folder);
    const char *path = arena_format(&run->arena, &none, "%s/%s", run->site->root, folder);
    look_at(run, &before);
    change_modes(run, folder, "a-w");
    Order locked = { .log = log_path(run, 1), .read_only = path };
    make_whole(run, &locked, &status);
    build_wait_for_all(60);
    change_modes(run, folder, "u+w");
    look_at(run, &after);
    if (WIFEXITED(status) && WEXITSTATUS(status) == BUILD_NO_RIGHTS) {
        run->skipped = true;
        note(run, ": root can't be kept from writing here, as mounts aren't allowed");
        return;
    }
    check_success(run, status);
    if (strcmp(folder, ".") == 0
        && !snapshot_same(&before, &after, &(Truth){ &before, 1, "", false }, run->said))
        wrong(run, "a read-only folder has changed");
}

/* Hold a make up at a random call; or at one of the first of a program, which has digested its inputs. */
static void plan_pause(Run *run, bool in_program)
{
    static const char *const programs[] = { "report", "gather",    "evaluate", "submit", "fuse",
                                            "train",  "softlabel", "predict",  "index" };
    Plan *plan = plan_begin(run);
    plan->action = ACT_PAUSE;
    if (!in_program) {
        plan_somewhere(run);
        return;
    }
    plan->at = 1 + draw(run, 6);
    snprintf(plan->program, sizeof plan->program, "%s",
             programs[draw(run, sizeof programs / sizeof *programs)]);
    note(run, " at call %llu of %s", (unsigned long long)plan->at, plan->program);
}

/* Two makes at once: the first is held up somewhere while the second runs. */
static bool run_two(Run *run, bool in_program, Order *first, Order *second, int status[2])
{
    Build one, two;
    begin_with_nothing(run);
    plan_pause(run, in_program);
    make_until(run, &one, first, 0);
    if (!build_start(&two, run->site, second))
        return wrong(run, "make can't be started");
    bool before = build_wait(&two, in_program ? 6 : 0.2 + 0.001 * (double)draw(run, 4000));
    note(run, before ? "; the second ended first" : "; both went on together");
    kill(-one.make, SIGCONT);
    bool ended = build_wait(&one, 120) && build_wait(&two, 120);
    status[0] = one.status;
    status[1] = two.status;
    return ended || wrong(run, "two makes wait for each other");
}

/* Names that are in both lists of what was made. */
static void check_once(Run *run, const char *one, const char *two)
{
    char name[700];
    for (const char *line = one + 1; *line; line += strcspn(line, "\n") + 1) {
        snprintf(name, sizeof name, "\n%.*s\n", (int)strcspn(line, "\n"), line);
        if (strstr(two, name))
            wrong(run, "both make%s", name);
    }
}

void make_twice(Run *run, const Kind *kind)
{
    int status[2] = { 0 };
    Order first = disturbed(run), second = { .log = log_path(run, 1) };
    (void)kind;
    if (!run_two(run, false, &first, &second, status))
        return;
    for (int i = 0; i < 2; i++)
        if (!WIFEXITED(status[i]) || WEXITSTATUS(status[i]) != 0)
            wrong(run, "make %d of two fails; see %s", i + 1, log_path(run, i));
    check_once(run, made_in(run, first.log), made_in(run, second.log));
}

void make_twice_otherwise(Run *run, const Kind *kind)
{
    int status[2] = { 0 };
    Order first = disturbed(run);
    Order second = { .log = log_path(run, 1), .more = run->references->flag };
    (void)kind;
    run->mixed = true;
    run_two(run, draw(run, 3) > 0, &first, &second, status);
}

void lose_progress(Run *run, const Kind *kind)
{
    Build build;
    (void)kind;
    plan_begin(run);
    begin_with_nothing(run);
    plan_at(run, PLACE_PROGRESS);
    bool killed = draw(run, 2);
    note(run, killed ? ", where the build was killed" : ", while the build went on");
    Order order = disturbed(run);
    bool runs = make_until(run, &build, &order, LATER_SECONDS * (double)draw(run, 1000) / 1000);
    if (killed && runs)
        kill(-build.make, SIGKILL);
    if (killed) {
        build_wait(&build, 60);
        build_wait_for_all(60);
    }
    command("rm -rf '%s/progress' 2>/dev/null", run->site->root);
    build_wait(&build, 120);
}

/* What a killed make leaves behind, of process numbers that are free and of one that is taken. */
void leave_journals(Run *run, const Kind *kind)
{
    (void)kind;
    plan_begin(run);
    begin_with_nothing(run);
    if (draw(run, 2))
        begin_with_all(run);
    note(run, " and locks with names of processes that are gone");
    command("cd '%s' && mkdir -p progress && cd progress && for i in 1 2 3 4 5; do "
            "echo 'made train disturbed/tuned.safetensors' >journal.$((4194304 + %llu + i)); "
            "echo ' disturbed/tuned' >journal.$((4194304 + %llu + i)).failed; "
            "printf 'process 4194399 in /nowhere' >disturbed+tuned.lock; "
            "printf x >disturbed+report.lock; done",
            run->site->root, (unsigned long long)draw(run, 1000),
            (unsigned long long)draw(run, 1000));
}
