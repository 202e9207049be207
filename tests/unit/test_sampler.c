/* Sampler: every epoch is a permutation, at any window; any sample can be computed alone. */
#include "common/data/sampler.h"
#include "suite.h"

#include <string.h>

static bool is_permutation(const Sampler *sampler, uint64_t epoch)
{
    static bool seen[1024];
    memset(seen, 0, sizeof seen);
    for (uint64_t i = 0; i < sampler->size; i++) {
        uint64_t item = sampler_item(sampler, epoch * sampler->size + i);
        if (item >= sampler->size || seen[item])
            return false;
        seen[item] = true;
    }
    return true;
}

START_TEST(each_epoch_visits_every_item_once_whatever_the_window)
{
    static const uint64_t sizes[] = { 1, 2, 3, 15, 16, 17, 100, 1023 };
    static const uint64_t windows[] = { 0, 1, 2, 16, 17, 33, 100, 1000, 5000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof windows / sizeof *windows; j++) {
            Sampler sampler = sampler_of(sizes[i], true, windows[j], 7);
            for (uint64_t epoch = 0; epoch < 4; epoch++)
                ck_assert_msg(is_permutation(&sampler, epoch), "size %u, window %u, epoch %u",
                              (unsigned)sizes[i], (unsigned)windows[j], (unsigned)epoch);
        }
}
END_TEST

START_TEST(epochs_and_seeds_have_other_orders)
{
    Sampler one = sampler_of(1000, true, 0, 1), two = sampler_of(1000, true, 0, 2);
    size_t same_epoch = 0, same_seed = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        same_seed += sampler_item(&one, i) == sampler_item(&one, 1000 + i);
        same_epoch += sampler_item(&one, i) == sampler_item(&two, i);
    }
    // two random permutations agree in one place on average; in 10 with a chance of 1e-7
    ck_assert_uint_lt(same_seed, 10);
    ck_assert_uint_lt(same_epoch, 10);
}
END_TEST

START_TEST(a_window_reads_from_at_most_sixteen_stretches_at_a_time)
{
    const uint64_t size = 1000, window = 160, block = window / SAMPLER_BLOCKS;
    Sampler sampler = sampler_of(size, true, window, 3);
    for (uint64_t epoch = 0; epoch < 3; epoch++)
        for (uint64_t begin = 0; begin < size; begin += window) {
            bool used[1000] = { false };
            size_t stretches = 0;
            for (uint64_t i = begin; i < size && i < begin + window; i++)
                used[sampler_item(&sampler, epoch * size + i)] = true;
            for (uint64_t i = 0; i < size; i++)
                stretches += used[i] && !used[(i + size - 1) % size];
            ck_assert_uint_le(stretches, SAMPLER_BLOCKS + 1); // one more: what is left over
            ck_assert_uint_ge(stretches, 2);
        }
    ck_assert_uint_eq(block, 10);
}
END_TEST

START_TEST(without_shuffling_items_come_in_their_order)
{
    Sampler sampler = sampler_of(3, false, 0, 1);
    for (uint64_t sample = 0; sample < 9; sample++)
        ck_assert_uint_eq(sampler_item(&sampler, sample), sample % 3);
}
END_TEST

int main(void)
{
    return RUN_SUITE("sampler", each_epoch_visits_every_item_once_whatever_the_window,
                     epochs_and_seeds_have_other_orders,
                     a_window_reads_from_at_most_sixteen_stretches_at_a_time,
                     without_shuffling_items_come_in_their_order);
}
