/* Frames of a sample: the definitions of spec/models 1.4, worked by hand. */
#include "common/data/frames.h"

#include <string.h>

#include "suite.h"

#define FIRST 40 // of a segment: numbers are those of its video

static Failure failure;
static uint32_t numbers[512];

static FrameSampling parsed(const char *text)
{
    FrameSampling sampling;
    ck_assert_msg(frames_parse(&sampling, text, &failure), "%s", failure.message);
    return sampling;
}

/* The frames that a sample of n frames has in an epoch. */
static size_t drawn(const char *text, size_t n, uint64_t epoch)
{
    FrameSampling sampling = parsed(text);
    PhiloxKey key = frames_sample_key(philox_key(3, "frames"), "aa", 2, FIRST, epoch);
    size_t count = frames_list(numbers, &sampling, &(FrameDraw){ .key = key }, FIRST, n);
    ck_assert_uint_eq(count, frames_bound(&sampling, n));
    return count;
}

START_TEST(words_that_say_no_number_of_frames_are_refused)
{
    static const char *const bad[] = {
        "",          "random",         "random:",       "random:0", "random:-1", "random: 5",
        "random:5x", "sequence:10001", "random:100000", "every",    "all:3",     "sequence5"
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        FrameSampling sampling;
        failure = (Failure){ 0 };
        ck_assert_msg(!frames_parse(&sampling, bad[i], &failure), "%s", bad[i]);
        ck_assert_int_eq(failure.code, EX_USAGE);
    }
}
END_TEST

START_TEST(all_frames_come_in_their_order)
{
    ck_assert_uint_eq(drawn("all", 5, 0), 5);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_uint_eq(numbers[i], FIRST + i);
    ck_assert_uint_eq(drawn("all", 0, 0), 0);
}
END_TEST

START_TEST(random_frames_are_drawn_each_by_itself_and_so_come_again)
{
    size_t times[5] = { 0 }, same = 0;
    for (uint64_t epoch = 0; epoch < 100; epoch++) {
        ck_assert_uint_eq(drawn("random:60", 5, epoch), 60);
        for (size_t i = 0; i < 60; i++) {
            ck_assert(numbers[i] >= FIRST && numbers[i] < FIRST + 5);
            times[numbers[i] - FIRST]++;
            same += i > 0 && numbers[i] == numbers[i - 1];
        }
    }
    for (size_t i = 0; i < 5; i++) // 6,000 draws of 1/5: mean 1,200, deviation 31; five deviations
        ck_assert(times[i] > 1200 - 155 && times[i] < 1200 + 155);
    // neighbours agree in 1/5 of 5,900: mean 1,180, deviation 31
    ck_assert(same > 1180 - 155 && same < 1180 + 155);
}
END_TEST

START_TEST(a_random_frame_is_the_floor_of_u_times_n)
{
    uint32_t words[4];
    PhiloxKey key = frames_sample_key(philox_key(3, "frames"), "aa", 2, FIRST, 7);
    drawn("random:3", 300, 7);
    philox(key, 0, 0, words);
    ck_assert_uint_eq(numbers[0], FIRST + (uint32_t)((double)words[0] / 0x1p32 * 300));
    ck_assert_uint_eq(numbers[1], FIRST + (uint32_t)((double)words[2] / 0x1p32 * 300));
    philox(key, 0, 1, words);
    ck_assert_uint_eq(numbers[2], FIRST + (uint32_t)((double)words[0] / 0x1p32 * 300));
}
END_TEST

START_TEST(a_sequence_begins_anywhere_and_ends_before_the_end)
{
    bool begins[7] = { 0 };
    for (uint64_t epoch = 0; epoch < 200; epoch++) {
        ck_assert_uint_eq(drawn("sequence:4", 10, epoch), 4);
        ck_assert(numbers[0] >= FIRST && numbers[3] < FIRST + 10);
        for (size_t i = 1; i < 4; i++)
            ck_assert_uint_eq(numbers[i], numbers[0] + i);
        begins[numbers[0] - FIRST] = true;
    }
    for (size_t i = 0; i < 7; i++)
        ck_assert_msg(begins[i], "none of 200 begins at %zu", i);
}
END_TEST

START_TEST(a_sequence_of_too_few_frames_ends_with_the_last_one_again)
{
    static const uint32_t three[] = { FIRST, FIRST + 1, FIRST + 2, FIRST + 2, FIRST + 2 };
    static const uint32_t one[] = { FIRST, FIRST, FIRST, FIRST, FIRST };
    for (uint64_t epoch = 0; epoch < 20; epoch++) {
        ck_assert_uint_eq(drawn("sequence:5", 3, epoch), 5);
        ck_assert_mem_eq(numbers, three, sizeof three);
        ck_assert_uint_eq(drawn("sequence:5", 1, epoch), 5);
        ck_assert_mem_eq(numbers, one, sizeof one);
        ck_assert_uint_eq(drawn("random:5", 1, epoch), 5);
        ck_assert_mem_eq(numbers, one, sizeof one);
    }
    ck_assert_uint_eq(drawn("sequence:5", 0, 0), 0);
    ck_assert_uint_eq(drawn("random:5", 0, 0), 0);
}
END_TEST

START_TEST(draws_differ_by_seed_epoch_id_and_start)
{
    PhiloxKey base = philox_key(3, "frames"), other = philox_key(4, "frames");
    PhiloxKey keys[] = {
        frames_sample_key(base, "aa", 2, 0, 0),  frames_sample_key(other, "aa", 2, 0, 0),
        frames_sample_key(base, "aa", 2, 0, 1),  frames_sample_key(base, "ab", 2, 0, 0),
        frames_sample_key(base, "aa", 2, 40, 0), frames_sample_key(base, "aaa", 3, 0, 0),
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert(memcmp(&keys[i], &keys[j], sizeof *keys) != 0);
}
END_TEST

int main(void)
{
    return RUN_SUITE("frames", words_that_say_no_number_of_frames_are_refused,
                     all_frames_come_in_their_order,
                     random_frames_are_drawn_each_by_itself_and_so_come_again,
                     a_random_frame_is_the_floor_of_u_times_n,
                     a_sequence_begins_anywhere_and_ends_before_the_end,
                     a_sequence_of_too_few_frames_ends_with_the_last_one_again,
                     draws_differ_by_seed_epoch_id_and_start);
}
