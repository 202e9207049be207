/* Faults in what a build has made: files that are cut off, overwritten, gone. */
#include "kinds.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum Damage { CUT, EMPTY, GARBAGE, FLIP, GONE, DAMAGES } Damage;
static const char *const damage_names[DAMAGES] = { "cut off", "emptied", "garbage",
                                                   "a byte flipped", "removed" };

/* Half of a file's bytes; or all, overwritten with others. */
static bool spoil(Run *run, int descriptor, off_t size, Damage damage)
{
    uint8_t byte;
    off_t at = size ? (off_t)draw(run, (uint64_t)size) : 0;
    if (damage == CUT || damage == EMPTY)
        return ftruncate(descriptor, damage == CUT ? at : 0) == 0;
    if (damage == FLIP)
        return size && pread(descriptor, &byte, 1, at) == 1
            && pwrite(descriptor, &(uint8_t){ byte ^ (uint8_t)(1u << draw(run, 8)) }, 1, at) == 1;
    for (off_t i = 0; i < size; i++) {
        byte = (uint8_t)draw(run, 256);
        if (i < 4096 && pwrite(descriptor, &byte, 1, i) != 1)
            return false;
        if (i == 4096)
            break;
    }
    return true;
}

/* Damage a file in place or in a copy of its own, which the cache doesn't share; its times stay. */
static void damage_file(Run *run, const char *path, Damage damage, bool own)
{
    struct stat status;
    char whole[700];
    snprintf(whole, sizeof whole, "%s/%s", run->site->root, path);
    note(run, "; %s: %s%s", path, damage_names[damage], own ? "" : " in place");
    if (own)
        command("cp -p '%s' '%s/spare' && rm -f '%s' && mv '%s/spare' '%s'", whole,
                run->site->scratch, whole, run->site->scratch, whole);
    int descriptor = damage == GONE ? -1 : open(whole, O_RDWR);
    if (damage == GONE)
        unlink(whole);
    else if (descriptor < 0 || fstat(descriptor, &status) != 0
             || !spoil(run, descriptor, status.st_size, damage))
        wrong(run, "%s can't be damaged", whole);
    if (descriptor >= 0) {
        futimens(descriptor, (struct timespec[]){ status.st_atim, status.st_mtim });
        close(descriptor);
    }
    snprintf(run->damaged, sizeof run->damaged, "%s", path);
}

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), size = strlen(ending);
    return length >= size && strcmp(text + length - size, ending) == 0;
}

/* A file of the undisturbed build, below a folder, that is provenance or not; never a stamp. */
static const char *draw_file(Run *run, const char *folder, bool provenance)
{
    const Snapshot *snapshot = &run->references->snapshots[AS_IT_IS];
    for (;;) {
        const char *path = snapshot->files[draw(run, snapshot->count)].path;
        if (strncmp(path, folder, strlen(folder)) == 0 && !ends_in(path, ".stamp")
            && ends_in(path, ".provenance") == provenance)
            return path;
    }
}

static const char *made_folder(Run *run)
{
    return draw(run, 4) ? "submissions/" : "reports/";
}

/* Everything is there; often without the cache, so that what is lost must be made again. */
static void begin(Run *run)
{
    plan_begin(run);
    begin_with_all(run);
    if (draw(run, 2)) {
        note(run, ", no cache");
        command("rm -rf '%s/cache'", run->site->root);
    }
}

void damage_artifact(Run *run, const Kind *kind)
{
    (void)kind;
    begin(run);
    bool own = draw(run, 2);
    damage_file(run, draw_file(run, made_folder(run), false), (Damage)draw(run, DAMAGES), own);
}

void damage_provenance(Run *run, const Kind *kind)
{
    (void)kind;
    begin(run);
    bool own = draw(run, 2);
    damage_file(run, draw_file(run, made_folder(run), true), (Damage)draw(run, DAMAGES), own);
}

void flip_byte(Run *run, const Kind *kind)
{
    (void)kind;
    begin(run);
    bool own = draw(run, 2);
    damage_file(run, draw_file(run, made_folder(run), draw(run, 5) == 0), FLIP, own);
}

/* Of what is asked of the cache a part is damaged: artifacts are gone, and come from there. */
static void damage_cache(Run *run, bool provenance)
{
    plan_begin(run);
    begin_with_all(run);
    bool all = draw(run, 2), own = draw(run, 2) || !all; // what is still there may be the same file
    note(run, all ? ", all artifacts gone" : ", a recipe's artifacts gone");
    command("cd '%s' && rm -rf reports submissions%s", run->site->root, all ? "" : "/disturbed");
    damage_file(run, draw_file(run, "cache/", provenance), (Damage)draw(run, DAMAGES), own);
}

void damage_entry(Run *run, const Kind *kind)
{
    (void)kind;
    damage_cache(run, false);
}

void damage_entry_provenance(Run *run, const Kind *kind)
{
    (void)kind;
    damage_cache(run, true);
}

/* What a killed training left behind to go on from. */
void damage_state(Run *run, const Kind *kind)
{
    int status;
    Plan *plan = plan_begin(run);
    (void)kind;
    begin_with_all(run);
    command("cd '%s' && rm -rf cache reports submissions/disturbed", run->site->root);
    snprintf(plan->program, sizeof plan->program, "train");
    plan->place = PLACE_PROGRESS;
    plan->at = 25 + draw(run, 400); // some 20 calls a step
    plan->action = ACT_SIGNAL;
    plan->whom = WHOM_GROUP;
    plan->signal = SIGKILL;
    note(run, " killed at call %llu", (unsigned long long)plan->at);
    Order order = { .planned = true, .log = log_path(run, 0) };
    make_whole(run, &order, &status);
    build_wait_for_all(60);
    char path[600] = "";
    FILE *list =
        popen(arena_format(&run->arena, &(Failure){ 0 },
                           "cd '%s' && ls progress/*.progress 2>/dev/null", run->site->root),
              "r"); // NOLINT: a test; the line is our own
    if (list && fscanf(list, "%599s", path) == 1)
        damage_file(run, path, (Damage)draw(run, GONE), true);
    if (list)
        pclose(list);
}

/* Some or all of the stamps, or what they say, are gone, or say something else. */
void lose_stamps(Run *run, const Kind *kind)
{
    static const char *const ways[] = { "rm -f", "truncate -s 0", "truncate -s 20",
                                        "sed -i s/$/x/" };
    const char *way = ways[draw(run, 4)];
    unsigned long long one_of = 1 + draw(run, 3);
    (void)kind;
    begin(run);
    note(run, ": %s of one in %llu", way, one_of);
    command("find '%s/submissions' -name '*.stamp' | sort | awk 'NR %% %llu == 0' | xargs -r %s",
            run->site->root, one_of, way);
}
