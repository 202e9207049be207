/* Names of segments: taken apart, and ordered. */
#include "common/rank/segment_name.h"

#include <stdio.h>
#include <string.h>
#include "suite.h"

START_TEST(a_name_is_an_id_and_a_start_behind_the_last_colon)
{
    SegmentName name;
    ck_assert(segment_name_parse(&name, "a:b:2147483647 more", 14));
    ck_assert_uint_eq(name.id_length, 3);
    ck_assert_uint_eq(name.start, 2147483647);
    ck_assert(segment_name_parse(&name, "x:0", 3));
    ck_assert_uint_eq(name.start, 0);
}
END_TEST

START_TEST(what_is_no_name_is_told)
{
    static const char *const words[] = { "",     ":",       ":5",    "abcd",         "abcd:",
                                         "a:05", "a:00",    "a: 5",  "a:2147483648", "a:5x",
                                         "a:-5", "a\x7f:5", "a,b:5", "a\"b:5" };
    char id[72];
    SegmentName name;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ck_assert_msg(!segment_name_parse(&name, words[i], strlen(words[i])), "%s", words[i]);
    memset(id, 'x', sizeof id);
    snprintf(id + 64, 8, ":5");
    ck_assert(segment_name_parse(&name, id, 66));
    snprintf(id + 64, 8, "x:5");
    ck_assert(!segment_name_parse(&name, id, 67));
}
END_TEST

START_TEST(names_are_ordered_by_id_and_then_by_start_as_a_number)
{
    static const char *const ordered[] = { "ZZZZ:295", "abc:0",    "abcd:0", "abcd:5",
                                           "abcd:10",  "abcd:100", "abce:0" };
    SegmentName a, b;
    for (size_t i = 0; i + 1 < sizeof ordered / sizeof *ordered; i++) {
        ck_assert(segment_name_parse(&a, ordered[i], strlen(ordered[i])));
        ck_assert(segment_name_parse(&b, ordered[i + 1], strlen(ordered[i + 1])));
        ck_assert_int_lt(segment_name_compare(&a, &b), 0);
        ck_assert_int_gt(segment_name_compare(&b, &a), 0);
        ck_assert_int_eq(segment_name_compare(&a, &a), 0);
    }
}
END_TEST

int main(void)
{
    return RUN_SUITE("segment_name", a_name_is_an_id_and_a_start_behind_the_last_colon,
                     what_is_no_name_is_told,
                     names_are_ordered_by_id_and_then_by_start_as_a_number);
}
