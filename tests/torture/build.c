#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_SECONDS 0.002
#define MOST_WORDS 16

void build_prepare(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void pause_for(double seconds)
{
    time_t whole = (time_t)seconds;
    nanosleep(&(struct timespec){ whole, (long)((seconds - (double)whole) * 1e9) }, NULL);
}

/* A folder that is read-only for this process and its children alone. */
static bool make_read_only(const char *path)
{
    if (geteuid() != 0)
        return true; // the driver took the modes away
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
        && mount(path, path, NULL, MS_BIND, NULL) == 0
        && mount("none", path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0;
}

/* The child: become make. */
static void become_make(const Site *site, const Order *order)
{
    char folder[PLAN_PATH_BYTES], data[PLAN_PATH_BYTES], jobs[32], plan[PLAN_PATH_BYTES];
    char *words[MOST_WORDS] = { "make",      "SUBMISSION=disturbed",  "SCALE=tiny", folder, data,
                                "disturbed", "data/league-statistics" };
    size_t count = 7;
    int in = open("/dev/null", O_RDONLY);
    int out = open(order->log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    setpgid(0, 0);
    snprintf(folder, sizeof folder, "O=%s", site->folder);
    snprintf(data, sizeof data, "DATA=%s/data", site->scratch);
    snprintf(jobs, sizeof jobs, "-j%u", order->jobs);
    snprintf(plan, sizeof plan, "%s/plan", site->scratch);
    if (order->jobs)
        words[count++] = jobs;
    if (order->more)
        words[count++] = (char *)order->more;
    if (order->read_only && !make_read_only(order->read_only))
        _exit(BUILD_NO_RIGHTS);
    if (chdir(site->clone) != 0 || in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0
        || dup2(out, 2) < 0)
        _exit(127);
    if (order->planned) {
        site->plan->make = getpid();
        setenv("LD_PRELOAD", site->library, 1);
        setenv(PLAN_VARIABLE, plan, 1);
    }
    execvp(words[0], words);
    _exit(127);
}

bool build_start(Build *build, const Site *site, const Order *order)
{
    *build = (Build){ .make = fork() };
    if (build->make == 0)
        become_make(site, order);
    if (build->make > 0)
        setpgid(build->make, build->make); // whoever comes first
    return build->make > 0;
}

bool build_wait(Build *build, double seconds)
{
    double until = seconds_now() + seconds;
    while (!build->ended) {
        pid_t found = waitpid(build->make, &build->status, WNOHANG);
        build->ended = found == build->make || (found < 0 && errno == ECHILD);
        if (!build->ended && seconds_now() > until)
            return false;
        if (!build->ended)
            pause_for(LOOK_SECONDS);
    }
    return true;
}

/* Kill every process that this one has inherited or started. */
static void kill_children(void)
{
    char path[64];
    int child;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *list = fopen(path, "r");
    while (list && fscanf(list, "%d", &child) == 1) {
        kill(child, SIGKILL);
        kill(child, SIGCONT);
    }
    if (list)
        fclose(list);
}

bool build_wait_for_all(double seconds)
{
    bool in_time = true;
    double until = seconds_now() + seconds;
    for (;;) {
        pid_t found = waitpid(-1, NULL, WNOHANG);
        if (found < 0 && errno == ECHILD)
            return in_time;
        if (found > 0)
            continue;
        if (seconds_now() > until) {
            in_time = false;
            kill_children();
        }
        pause_for(LOOK_SECONDS);
    }
}
