/* Codes of segments' names: which names have one, what it gives back, and how it orders. */
#include "common/rank/segment_name.h"
#include "common/rank/segment_run.h"

#include <stdio.h>
#include <string.h>
#include "suite.h"

/* The code of a name of up to 8 bytes, with anything behind it; the same one by one and in a run. */
static uint64_t code_of(const char *text, size_t length, char behind)
{
    SegmentRun run = { .count = 5 };
    uint64_t bytes, codes[SEGMENT_RUN_MOST];
    char name[8];
    memset(name, behind, sizeof name);
    memcpy(name, text, length < sizeof name ? length : sizeof name);
    memcpy(&bytes, name, sizeof bytes);
    for (size_t i = 0; i < run.count; i++) {
        run.starts[i] = (uint32_t)i;
        run.ends[i] = (uint32_t)(i + length);
        run.bytes[i] = bytes;
    }
    segment_run_codes(&run, codes);
    uint64_t code = segment_code(bytes, length);
    for (size_t i = 0; i < run.count; i++)
        ck_assert_msg(codes[i] == code, "%.8s, %zu bytes: number %zu of a run", name, length, i);
    return code;
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
    ck_assert_uint_eq(code_of("abcd:123", (size_t)UINT32_MAX - 8, 0), SEGMENT_NO_CODE);
}
END_TEST

/* Names with some bytes changed, of lengths that may be wrong. */
START_TEST(any_bytes_have_the_same_code_in_a_run)
{
    uint64_t state = 11;
    size_t found = 0;
    for (unsigned i = 0; i < 200000; i++) {
        char text[8];
        memcpy(text, "aZ9_:295", sizeof text);
        for (unsigned changes = 0; changes < 2; changes++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text[state >> 33 & 7] = (char)(state >> 40 & (i % 2 ? 0xff : 0x3f));
        }
        found += code_of(text, (state >> 50) % 11, (char)(state >> 56)) != SEGMENT_NO_CODE;
    }
    ck_assert_uint_gt(found, 1000);
}
END_TEST

START_TEST(codes_are_in_the_order_of_names)
{
    static const char *const ordered[] = { "-aaa:0", "0aaa:0", "ZZZZ:295", "a-zz:999",
                                           "abcd:0", "abcd:5", "abcd:10",  "abcd:100",
                                           "abce:0", "abda:0", "acaa:0",   "bcaa:0" };
    for (size_t i = 0; i + 1 < sizeof ordered / sizeof *ordered; i++) {
        uint64_t a = code_of(ordered[i], strlen(ordered[i]), 0);
        uint64_t b = code_of(ordered[i + 1], strlen(ordered[i + 1]), 0);
        ck_assert_uint_lt(a, b);
    }
}
END_TEST

/* Segments of some videos fall into all parts alike: no more than a random choice would vary. */
START_TEST(hashes_of_neighbours_differ_in_their_upper_bits)
{
    enum { VIDEOS = 4000, STARTS = 60 };
    static unsigned parts[256];
    double square = 0, mean = (double)VIDEOS * STARTS / 256;
    for (unsigned video = 0; video < VIDEOS; video++)
        for (unsigned start = 0; start < STARTS; start++) {
            char text[16];
            size_t length =
                (size_t)snprintf(text, sizeof text, "%c%c%c%c:%u", 'a' + video % 20, 'A',
                                 '0' + video / 20 % 10, 'a' + video / 200, 5 * start);
            parts[segment_code_hash(code_of(text, length, ' ')) >> 24]++;
        }
    for (size_t i = 0; i < 256; i++)
        square += ((double)parts[i] - mean) * ((double)parts[i] - mean) / mean;
    ck_assert_double_lt(square / 255, 2); // 1 is expected of a random choice
}
END_TEST

int main(void)
{
    return RUN_SUITE("segment_code", each_start_comes_back_with_its_id,
                     what_has_a_code_is_a_name_that_comes_back, names_of_another_kind_have_no_code,
                     any_bytes_have_the_same_code_in_a_run, codes_are_in_the_order_of_names,
                     hashes_of_neighbours_differ_in_their_upper_bits);
}
