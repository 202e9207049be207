/* Codes of segments' names: which names have one, what it gives back, and how it orders. */
#include "common/rank/segment_code.h"
#include "common/rank/segment_name.h"

#include <stdio.h>
#include <string.h>
#include "suite.h"

/* The code of a name of up to 8 bytes, with anything behind it. */
static uint64_t code_of(const char *text, size_t length, char behind)
{
    uint64_t bytes;
    char name[8];
    memset(name, behind, sizeof name);
    memcpy(name, text, length < sizeof name ? length : sizeof name);
    memcpy(&bytes, name, sizeof bytes);
    return segment_code(bytes, length);
}

static void check_back(uint64_t code, const char *text, size_t length)
{
    uint64_t back_length, bytes;
    char back[8];
    ck_assert_uint_le(code, SEGMENT_CODE_MASK);
    bytes = segment_code_bytes(code, &back_length);
    memcpy(back, &bytes, sizeof back);
    ck_assert_uint_eq(back_length, length);
    ck_assert_mem_eq(back, text, length);
    for (size_t i = length; i < sizeof back; i++)
        ck_assert_int_eq(back[i], 0);
}

START_TEST(a_scrambled_number_is_given_back)
{
    uint64_t number = 1;
    for (unsigned i = 0; i < 100000; i++) {
        ck_assert_uint_le(segment_scramble(number), SEGMENT_CODE_MASK);
        ck_assert_uint_eq(segment_unscramble(segment_scramble(number)), number);
        ck_assert_uint_eq(segment_scramble(segment_unscramble(number)), number);
        number = (number * 6364136223846793005u + 1442695040888963407u) >> 26;
    }
    ck_assert_uint_eq(segment_unscramble(segment_scramble(SEGMENT_CODE_MASK)), SEGMENT_CODE_MASK);
    ck_assert_uint_eq(segment_unscramble(segment_scramble(0)), 0);
}
END_TEST

START_TEST(each_start_comes_back_with_its_id)
{
    static const char *const ids[] = { "-_zz", "abcd", "ZZZZ", "0000", "zzzz", "----" };
    for (unsigned start = 0; start < 1000; start++)
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
            char text[16];
            size_t length = (size_t)snprintf(text, sizeof text, "%s:%u", ids[i], start);
            check_back(code_of(text, length, 'x'), text, length);
        }
}
END_TEST

/* Each byte in each place of names of six to eight bytes. */
START_TEST(what_has_a_code_is_a_name_that_comes_back)
{
    static const char *const names[] = { "aZ09:5", "bcde:10", "-_zz:295", "0000:0" };
    static const char behind[] = { 0, '0', '7', ':', ' ', -1 };
    size_t found = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t place = 0; place < strlen(names[i]); place++)
            for (unsigned byte = 0; byte < 256; byte++) {
                char text[9] = { 0 };
                SegmentName name;
                size_t length = strlen(names[i]);
                memcpy(text, names[i], length);
                text[place] = (char)byte;
                uint64_t code = code_of(text, length, behind[byte % sizeof behind]);
                if (code == SEGMENT_NO_CODE)
                    continue;
                found++;
                ck_assert_msg(segment_name_parse(&name, text, length), "%s", text);
                check_back(code, text, length);
            }
    ck_assert_uint_gt(found, 1000);
}
END_TEST

START_TEST(names_of_another_kind_have_no_code)
{
    static const char *const names[] = {
        "",         "a",         "abc:5",      "abcde:5",       "abcd:05", "abcd:",   "abcd",
        "ab d:5",   "abcd:5x",   "abcd;5",     "a,cd:5",        "abcd::5", "abcd:00", "abcd:000",
        "abcd:010", "abcd:1000", "abcd:10000", "abcd:10000000", "abcd:5:", "{bcd:5",  "+bcd:5"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_msg(code_of(names[i], strlen(names[i]), '1') == SEGMENT_NO_CODE, "%s", names[i]);
        ck_assert_msg(code_of(names[i], strlen(names[i]), 0) == SEGMENT_NO_CODE, "%s", names[i]);
    }
    ck_assert_uint_eq(code_of("abcd:1\0", 7, 0),
                      SEGMENT_NO_CODE); // a zero byte is part of the name
    ck_assert_uint_eq(code_of("abcd:12\0", 8, 0), SEGMENT_NO_CODE);
    ck_assert_uint_eq(segment_code(UINT64_MAX, (size_t)UINT32_MAX), SEGMENT_NO_CODE);
}
END_TEST

START_TEST(numbers_are_in_the_order_of_names)
{
    static const char *const ordered[] = { "-aaa:0", "0aaa:0", "ZZZZ:295", "a-zz:999",
                                           "abcd:0", "abcd:5", "abcd:10",  "abcd:100",
                                           "abce:0", "abda:0", "acaa:0",   "bcaa:0" };
    for (size_t i = 0; i + 1 < sizeof ordered / sizeof *ordered; i++) {
        uint64_t a = code_of(ordered[i], strlen(ordered[i]), 0);
        uint64_t b = code_of(ordered[i + 1], strlen(ordered[i + 1]), 0);
        ck_assert_uint_lt(segment_unscramble(a), segment_unscramble(b));
    }
}
END_TEST

int main(void)
{
    return RUN_SUITE("segment_code", a_scrambled_number_is_given_back,
                     each_start_comes_back_with_its_id, what_has_a_code_is_a_name_that_comes_back,
                     names_of_another_kind_have_no_code, numbers_are_in_the_order_of_names);
}
