#include "suite.h"
#include "common/base/failure.h"
#include "common/base/progress.h"
#include "common/base/terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <unistd.h>

static int reader; // of what stderr prints

/* Let stderr be a terminal, or a pipe, in an environment that says nothing of terminals but TERM. */
static void begin(bool terminal, const char *term)
{
    int ends[2];
    ck_assert_int_eq(terminal ? openpty(&ends[0], &ends[1], NULL, NULL, NULL) : pipe(ends), 0);
    ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
    close(ends[1]);
    reader = ends[0];
    fcntl(reader, F_SETFL, O_NONBLOCK);
    unsetenv("QUIET");
    unsetenv("CI");
    unsetenv("NO_COLOR");
    setenv("TERM", term, 1);
}

/* What was printed since the last look; a terminal turns newlines into "\r\n". */
static const char *printed(void)
{
    static char text[4096];
    ssize_t size = read(reader, text, sizeof text - 1);
    text[size > 0 ? size : 0] = 0;
    return text;
}

/* Let time pass. */
static void pass(Progress *progress, double seconds)
{
    progress->started -= seconds;
    progress->shown -= seconds;
}

START_TEST(a_log_has_a_line_a_minute_and_the_last_one)
{
    Progress progress;
    begin(false, "xterm");
    progress_begin(&progress, "train moe", "samples", 0, 1000);
    progress_update(&progress, 1, "loss 3");
    ck_assert_str_eq(printed(), "");
    pass(&progress, 100);
    progress_update(&progress, 250, "loss 2");
    ck_assert_str_eq(printed(), "train moe:  25 %, 2 samples/s, 5:00 left, loss 2\n");
    progress_update(&progress, 251, "loss 1");
    ck_assert_str_eq(printed(), "");
    pass(&progress, 4000);
    progress_end(&progress, 1000, NULL);
    ck_assert_str_eq(printed(), "train moe: 1000 samples, 0 samples/s, in 1:08:20\n");
}
END_TEST

START_TEST(work_without_a_total_says_how_long_it_has_taken)
{
    Progress progress;
    begin(false, "xterm");
    progress_begin(&progress, "rankfuse", "classes", 0, 0);
    pass(&progress, 100);
    progress_update(&progress, 300, NULL);
    ck_assert_str_eq(printed(), "rankfuse: 300 classes, 3 classes/s, 1:40 so far\n");
}
END_TEST

START_TEST(what_is_resumed_counts_from_where_it_began)
{
    Progress progress;
    begin(false, "xterm");
    progress_begin(&progress, "tune", "trials", 100, 200);
    pass(&progress, 70);
    progress_update(&progress, 170, NULL);
    ck_assert_str_eq(printed(), "tune:  85 %, 1 trials/s, 30 s left\n");
    pass(&progress, 70);
    progress_update(&progress, 100, NULL); // nothing that its end could be foreseen from
    ck_assert_str_eq(printed(), "tune:  50 %, 0 trials/s, 2:20 so far\n");
}
END_TEST

START_TEST(short_work_and_quiet_work_print_nothing)
{
    Progress progress;
    begin(false, "xterm");
    progress_begin(&progress, "index", "shards", 0, 10);
    progress_end(&progress, 10, NULL);
    ck_assert_str_eq(printed(), "");
    setenv("QUIET", "1", 1);
    progress_begin(&progress, "index", "shards", 0, 10);
    pass(&progress, 100);
    progress_update(&progress, 5, NULL);
    progress_end(&progress, 10, NULL);
    ck_assert_str_eq(printed(), "");
}
END_TEST

START_TEST(a_terminal_has_one_line_that_is_drawn_again)
{
    Progress progress;
    begin(true, "xterm");
    progress_begin(&progress, "index", "shards", 0, 40);
    pass(&progress, 10);
    progress_update(&progress, 10, NULL);
    ck_assert_str_eq(printed(), TERMINAL_ERASE "index:  25 %, 1 shards/s, 30 s left");
    pass(&progress, 10);
    progress_end(&progress, 40, NULL);
    ck_assert_str_eq(printed(), TERMINAL_ERASE "index: 40 shards, 2 shards/s, in 20 s\r\n");
}
END_TEST

START_TEST(a_failure_takes_the_place_of_the_line_that_was_drawn)
{
    Failure failure = { 0 };
    begin(true, "xterm");
    ck_assert_int_eq(failure_report(&failure, "index"), EX_OK);
    ck_assert_str_eq(printed(), "");
    fail(&failure, EX_DATAERR, "a.tfrecord:%d: a record\nis cut off; remove it", 17);
    fail(&failure, EX_OSERR, "later");
    ck_assert_int_eq(failure_report(&failure, "index"), EX_DATAERR);
    ck_assert_str_eq(printed(),
                     TERMINAL_ERASE "index: a.tfrecord:17: a record?is cut off; remove it\r\n");
}
END_TEST

START_TEST(what_is_no_terminal_gets_nothing_that_steers_one)
{
    const char *const names[] = { "CI", "NO_COLOR" };
    Failure failure = { 0 };
    fail(&failure, EX_DATAERR, "a: empty");
    begin(false, "xterm");
    failure_report(&failure, "index");
    ck_assert_str_eq(printed(), "index: a: empty\n");
    begin(true, "dumb");
    ck_assert(!terminal_redraws());
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        begin(true, "xterm");
        ck_assert(terminal_redraws());
        setenv(names[i], "1", 1);
        ck_assert(!terminal_redraws());
        setenv(names[i], "0", 1);
        ck_assert(terminal_redraws());
    }
    ck_assert(!terminal_is_quiet());
    setenv("QUIET", "0", 1);
    ck_assert(!terminal_is_quiet());
    setenv("QUIET", "1", 1);
    ck_assert(terminal_is_quiet());
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "progress", a_log_has_a_line_a_minute_and_the_last_one,
        work_without_a_total_says_how_long_it_has_taken, what_is_resumed_counts_from_where_it_began,
        short_work_and_quiet_work_print_nothing, a_terminal_has_one_line_that_is_drawn_again,
        a_failure_takes_the_place_of_the_line_that_was_drawn,
        what_is_no_terminal_gets_nothing_that_steers_one);
}
