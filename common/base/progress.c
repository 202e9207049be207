#include "common/base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TERMINAL_INTERVAL 0.1 // seconds: faster than an eye reads, slower than a terminal scrolls
#define LONG 1.0              // seconds: shorter work needs no report
#define PLAIN_INTERVAL 60.0   // seconds: a log stays short

double progress_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0;
}

void progress_begin(Progress *progress, const char *what, const char *unit, uint64_t first,
                    uint64_t total)
{
    const char *terminal = getenv("TERM");
    *progress = (Progress){ .what = what, .unit = unit, .first = first, .total = total };
    progress->quiet = is_set("QUIET");
    progress->terminal = isatty(STDERR_FILENO) && !is_set("CI") && !is_set("NO_COLOR") && terminal
        && strcmp(terminal, "dumb") != 0;
    progress->started = progress->shown = progress_clock();
}

/* Seconds as people write them: 42 s, 3:07, 2:05:09. */
static void format_seconds(char *text, size_t size, double seconds)
{
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s < 60)
        snprintf(text, size, "%lu s", s);
    else if (s < 3600)
        snprintf(text, size, "%lu:%02lu", s / 60, s % 60);
    else
        snprintf(text, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void show(const Progress *progress, uint64_t done, const char *note, bool last)
{
    char left[32] = "";
    double seconds = progress_clock() - progress->started;
    double rate = seconds > 0 ? (double)(done - progress->first) / seconds : 0;
    format_seconds(left, sizeof left,
                   last ? seconds
                       : rate > 0 && progress->total > done
                       ? (double)(progress->total - done) / rate
                       : 0);
    fprintf(stderr, "%s%s: ", progress->terminal ? "\r\033[K" : "", progress->what);
    if (last)
        fprintf(stderr, "%llu %s", (unsigned long long)done, progress->unit);
    else if (progress->total)
        fprintf(stderr, "%3.0f %%", 100.0 * (double)done / (double)progress->total);
    else
        fprintf(stderr, "%llu %s", (unsigned long long)done, progress->unit);
    fprintf(stderr, ", %.0f %s/s, %s%s%s%s%s", rate, progress->unit, last ? "in " : "", left,
            last ? "" : " left", note ? ", " : "", note ? note : "");
    if (last || !progress->terminal)
        fputc('\n', stderr);
    fflush(stderr);
}

void progress_update(Progress *progress, uint64_t done, const char *note)
{
    double now = progress_clock();
    if (progress->quiet
        || now - progress->shown < (progress->terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL))
        return;
    progress->shown = now;
    show(progress, done, note, false);
}

void progress_end(Progress *progress, uint64_t done, const char *note)
{
    if (!progress->quiet && progress_clock() - progress->started >= LONG)
        show(progress, done, note, true);
}
