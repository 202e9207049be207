/* The filter before look-ups: what was added passes, what has no code passes, of the rest hardly any. */
#include "common/rank/rated_filter.h"

#include <stdio.h>
#include "suite.h"

enum { LISTED = 5000, EVERY = 50 };

static char list[LISTED * 12 + 64];

/* A list of names of which each EVERYth one's video is longer than the dataset's. */
static ClassRow make_list(void)
{
    size_t size = 0;
    for (unsigned i = 0; i < LISTED; i++) {
        const char *first = i % EVERY == 7 ? "x" : "";
        size += (size_t)sprintf(list + size, "%s%04u:%u ", first, i * 7 % 10000, i % 60 * 5);
    }
    return (ClassRow){ .at = list, .end = list + size - 1 };
}

START_TEST(what_was_added_passes_and_hardly_anything_else)
{
    static RatedFilter filter;
    SegmentRun run;
    ClassRow row = make_list();
    size_t number = 0, passed = 0;
    rated_filter_clear(&filter);
    for (ClassRow all = row; segment_run_next(&run, &all);)
        for (size_t i = 0; i < run.count; i++, number++)
            if (number % EVERY == 3)
                rated_filter_add(
                    &filter, (TextEntry){ run.text + run.starts[i], run.ends[i] - run.starts[i] });
    ck_assert_uint_eq(number, LISTED);
    for (number = 0; segment_run_next(&run, &row); number += run.count) {
        uint32_t candidates[SEGMENT_RUN_MOST];
        size_t found = rated_filter_pass(&filter, &run, run.count, candidates), at = 0;
        for (size_t i = 0; i < run.count; i++) {
            bool passes = at < found && candidates[at] == i;
            size_t kind = (number + i) % EVERY;
            ck_assert(passes || (kind != 3 && kind != 7));
            at += passes;
        }
        ck_assert_uint_eq(at, found);
        passed += found;
    }
    ck_assert_uint_lt(passed, 2 * LISTED / EVERY + LISTED / 200);
}
END_TEST

START_TEST(of_a_run_only_as_many_are_looked_at_as_count)
{
    static RatedFilter filter;
    SegmentRun run;
    uint32_t candidates[SEGMENT_RUN_MOST];
    ClassRow row = make_list();
    ck_assert(segment_run_next(&run, &row));
    rated_filter_clear(&filter);
    rated_filter_add(&filter, (TextEntry){ run.text + run.starts[3], run.ends[3] - run.starts[3] });
    ck_assert_uint_eq(rated_filter_pass(&filter, &run, 3, candidates), 0);
    ck_assert_uint_eq(rated_filter_pass(&filter, &run, 4, candidates), 1);
    ck_assert_uint_eq(candidates[0], 3);
    rated_filter_clear(&filter);
    ck_assert_uint_eq(rated_filter_pass(&filter, &run, 4, candidates), 0);
}
END_TEST

int main(void)
{
    return RUN_SUITE("rated_filter", what_was_added_passes_and_hardly_anything_else,
                     of_a_run_only_as_many_are_looked_at_as_count);
}
