#include "suite.h"
#include "common/base/philox.h"

/* Random123's own known answers: tests/kat_vectors, philox4x32 with 10 rounds. */
START_TEST(philox_gives_the_published_answers)
{
    uint32_t words[4];
    philox((PhiloxKey){ { 0, 0 } }, 0, 0, words);
    ck_assert_uint_eq(words[0], 0x6627e8d5);
    ck_assert_uint_eq(words[1], 0xe169c58d);
    ck_assert_uint_eq(words[2], 0xbc57ac4c);
    ck_assert_uint_eq(words[3], 0x9b00dbd8);
    philox((PhiloxKey){ { 0xa4093822, 0x299f31d0 } }, 0x0370734413198a2e, 0x85a308d3243f6a88,
           words);
    ck_assert_uint_eq(words[0], 0xd16cfe09);
    ck_assert_uint_eq(words[1], 0x94fdcceb);
    ck_assert_uint_eq(words[2], 0x5001e420);
    ck_assert_uint_eq(words[3], 0x24126ea1);
}
END_TEST

START_TEST(blocks_side_by_side_are_the_same_blocks)
{
    PhiloxKey key = philox_key(9, "wide");
    uint32_t wide[4][PHILOX_LANES], words[4];
    philox_wide(key, 0x123456789abcu, 0xfffffffdu, wide); // the lanes cross a carry
    for (uint64_t lane = 0; lane < PHILOX_LANES; lane++) {
        philox(key, 0x123456789abcu, 0xfffffffdu + lane, words);
        for (size_t w = 0; w < 4; w++)
            ck_assert_uint_eq(wide[w][lane], words[w]);
    }
}
END_TEST

START_TEST(a_permutation_has_every_index_once)
{
    const uint64_t sizes[] = { 1, 2, 3, 4, 5, 16, 17, 1000, 4097 };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        char *seen = calloc(sizes[s], 1);
        for (uint64_t i = 0; i < sizes[s]; i++) {
            uint64_t image = philox_permute(philox_key(1, "shuffle"), 0, sizes[s], i);
            ck_assert_uint_lt(image, sizes[s]);
            ck_assert(!seen[image]);
            seen[image] = 1;
        }
        free(seen);
    }
}
END_TEST

/* Of a uniform permutation of 4000, the number of fixed points is Poisson(1): over 8 is 1 in 10^6.
 */
START_TEST(permutations_differ_by_epoch_and_by_seed_and_move_what_they_permute)
{
    size_t same_epoch = 0, same_seed = 0, fixed = 0;
    for (uint64_t i = 0; i < 4000; i++) {
        uint64_t image = philox_permute(philox_key(1, "shuffle"), 0, 4000, i);
        same_epoch += image == philox_permute(philox_key(1, "shuffle"), 1, 4000, i);
        same_seed += image == philox_permute(philox_key(2, "shuffle"), 0, 4000, i);
        fixed += image == i;
    }
    ck_assert_uint_le(same_epoch, 8);
    ck_assert_uint_le(same_seed, 8);
    ck_assert_uint_le(fixed, 8);
}
END_TEST

START_TEST(purposes_and_seeds_have_keys_of_their_own)
{
    PhiloxKey a = philox_key(1, "dropout"), b = philox_key(1, "shuffle"),
              c = philox_key(2, "dropout");
    ck_assert(a.word[0] != b.word[0] || a.word[1] != b.word[1]);
    ck_assert(a.word[0] != c.word[0] || a.word[1] != c.word[1]);
}
END_TEST

START_TEST(an_index_below_a_bound_stays_below_it)
{
    ck_assert_uint_eq(philox_below(0xffffffff, 0xffffffff, 7), 6);
    ck_assert_uint_eq(philox_below(0, 0, 7), 0);
    ck_assert_uint_eq(philox_below(0x80000000, 0, 10), 5);
    ck_assert(philox_uniform(0xffffffff) < 1);
}
END_TEST

int main(void)
{
    return RUN_SUITE("philox", philox_gives_the_published_answers,
                     blocks_side_by_side_are_the_same_blocks, a_permutation_has_every_index_once,
                     permutations_differ_by_epoch_and_by_seed_and_move_what_they_permute,
                     purposes_and_seeds_have_keys_of_their_own,
                     an_index_below_a_bound_stays_below_it);
}
