#include "common/base/progress.h"
#include "common/base/terminal.h"

#include <stdio.h>
#include <time.h>

#define TERMINAL_INTERVAL 0.1 // seconds: faster than an eye reads, slower than a terminal scrolls
#define LONG 1.0              // seconds: shorter work needs no report
#define PLAIN_INTERVAL 60.0   // seconds: a log stays short

double progress_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_begin(Progress *progress, const char *what, const char *unit, uint64_t first,
                    uint64_t total)
{
    *progress = (Progress){ .what = what, .unit = unit, .first = first, .total = total };
    progress->quiet = terminal_is_quiet();
    progress->terminal = terminal_redraws();
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

/* How far the work is: in all, or in hundredths. */
static void format_done(char *text, size_t size, const Progress *progress, uint64_t done, bool last)
{
    if (last || progress->total == 0)
        snprintf(text, size, "%llu %s", (unsigned long long)done, progress->unit);
    else
        snprintf(text, size, "%3.0f %%", 100.0 * (double)done / (double)progress->total);
}

/* What the work took; on the way what is left of it, where that can be foreseen. */
static void format_time(char *text, size_t size, const Progress *progress, uint64_t done,
                        double seconds, bool last)
{
    char time[32];
    const uint64_t total = progress->total, first = progress->first;
    bool foresees = !last && total >= done && done > first;
    if (foresees)
        seconds *= (double)(total - done) / (double)(done - first);
    format_seconds(time, sizeof time, seconds);
    snprintf(text, size, last ? "in %s" : foresees ? "%s left" : "%s so far", time);
}

/* One call prints a line: of programs that run side by side, lines stay whole. */
static void show(const Progress *progress, uint64_t done, const char *note, bool last)
{
    char amount[64], time[64];
    double seconds = progress_clock() - progress->started;
    double rate = seconds > 0 ? (double)(done - progress->first) / seconds : 0;
    format_done(amount, sizeof amount, progress, done, last);
    format_time(time, sizeof time, progress, done, seconds, last);
    fprintf(stderr, "%s%s: %s, %.0f %s/s, %s%s%s%s", progress->terminal ? TERMINAL_ERASE : "",
            progress->what, amount, rate, progress->unit, time, note ? ", " : "", note ? note : "",
            last || !progress->terminal ? "\n" : "");
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
