/* Rows in step: which files are, and what rows they give. */
#include "common/rank/rows_in_step.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "temporary.h"

#define HEAD "Class,Segments\n"

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 20, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

/* All rows of two texts, as "CLASS LIST|LIST;", then whether all were read: "done" or "not". */
static const char *walk(const char *first, const char *second)
{
    static char said[256];
    const char *texts[] = { first, second }, *paths[2];
    RowsInStep rows;
    ClassRow next[2];
    for (unsigned i = 0; i < 2; i++) {
        paths[i] = temporary_path(i ? "b.csv" : "a.csv", i);
        ck_assert(file_write(paths[i], texts[i], strlen(texts[i]), &failure));
    }
    int at = 0;
    ck_assert(rows_in_step_open(&rows, paths, 2, &arena, &failure));
    while (rows_in_step_next(&rows, next))
        at += sprintf(said + at, "%u %.*s|%.*s;", next[0].class, (int)(next[0].end - next[0].at),
                      next[0].at, (int)(next[1].end - next[1].at), next[1].at);
    ck_assert(!rows_in_step_next(&rows, next)); // and it stays at that
    sprintf(said + at, "%s", rows_in_step_done(&rows) ? "done" : "not");
    rows_in_step_close(&rows);
    unlink(paths[0]);
    unlink(paths[1]);
    return said;
}

START_TEST(files_of_the_same_ascending_classes_are_in_step)
{
    ck_assert_str_eq(walk(HEAD "3,a:5 b:5\n7,a:5\n", HEAD "3,b:5\n\n7,c:0 a:5\n"),
                     "3 a:5 b:5|b:5;7 a:5|c:0 a:5;done");
}
END_TEST

START_TEST(what_else_files_are_is_for_others)
{
    static const struct {
        const char *first, *second, *said;
    } cases[] = {
        { HEAD "3,a:5\n7,a:5\n", HEAD "3,a:5\n9,a:5\n", "3 a:5|a:5;not" },
        { HEAD "7,a:5\n3,a:5\n", HEAD "7,a:5\n3,a:5\n", "7 a:5|a:5;not" },
        { HEAD "3,a:5\n3,b:5\n", HEAD "3,a:5\n3,b:5\n", "3 a:5|a:5;not" },
        { HEAD "3,a:5\n7,a:5\n", HEAD "3,a:5\n", "3 a:5|a:5;not" },
        { HEAD "3,a:5\n", HEAD "3,a:5\n7,a:5\n", "3 a:5|a:5;not" },
        { HEAD "3,a:5\n7,a:5", HEAD "3,a:5\n7,a:5\n", "3 a:5|a:5;7 a:5|a:5;not" },
        { HEAD "3,\"a:5\"\n", HEAD "3,a:5\n", "not" },
        { HEAD "x,a:5\n", HEAD "3,a:5\n", "not" },
        { HEAD "3,a:5,b:5\n", HEAD "3,a:5\n", "not" },
        { HEAD, HEAD, "not" },
        { "a,b\n3,a:5\n", HEAD "3,a:5\n", "not" },
        { "", HEAD "3,a:5\n", "not" },
    };
    ck_assert_str_eq(walk(cases[_i].first, cases[_i].second), cases[_i].said);
}
END_TEST

int main(void)
{
    temporary_begin();
    TCase *cases = tcase_create("rows_in_step");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, files_of_the_same_ascending_classes_are_in_step);
    tcase_add_loop_test(cases, what_else_files_are_is_for_others, 0, 12);
    int status = run_case("rows_in_step", cases);
    temporary_end();
    return status;
}
