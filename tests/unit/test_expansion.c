/* Where the expansion stands: multiplications counted by hand, and from which shapes on it is moved. */
#include "suite.h"
#include "models/layers/expansion.h"
#include "models/layers/network.h"

#include <stdlib.h>

START_TEST(the_cost_of_a_tiny_expansion_is_what_one_counts_by_hand)
{
    ExpansionSizes s = { .frames = 10, .videos = 2, .N = 3, .d = 4, .G = 2, .K = 5 };
    // a frame: 3x4 expansion, 4x10 logits, 4x2 attention, 4x5 sums
    ck_assert(expansion_cost_on_frames(&s) == 10 * (12 + 40 + 8 + 20));
    // a frame: 3x10 logits, 3x2 attention, 3x10 sums; a video: 5x3x4; a batch of two: 3x4x(10 + 2), shared
    ck_assert(expansion_cost_moved(&s) == 10 * (30 + 6 + 30) + 60 + 72);
    s.training = true; // the frames want no gradient, all else does
    ck_assert(expansion_cost_on_frames(&s) == 10 * (2 * 12 + 3 * (40 + 8 + 20)));
    ck_assert(expansion_cost_moved(&s) == 2 * 10 * (30 + 6 + 30) + 3 * (60 + 72));
}
END_TEST

/* The least frames for which the expansion is moved; spec/performance's shapes, width 1,152. */
static size_t break_even(size_t G, size_t K, size_t videos, bool training)
{
    ExpansionSizes s = { 0, videos, 1152, 2304, G, K, training };
    while (expansion_cost_moved(&s) >= expansion_cost_on_frames(&s))
        s.frames++;
    return s.frames;
}

START_TEST(it_is_moved_from_the_numbers_of_frames_that_were_predicted)
{
    enum { MANY = 1000000 }; // videos that share the products of parameters
    ck_assert_uint_eq(break_even(4, 16, MANY, false), 16);
    ck_assert_uint_eq(break_even(4, 16, 80, true), 25);
    ck_assert_uint_eq(break_even(8, 112, MANY, false), 102);
    ck_assert_uint_eq(break_even(8, 112, 160, true), 115);
    ck_assert_uint_eq(break_even(8, 128, 80, true), 131);
}
END_TEST

START_TEST(a_video_of_300_frames_costs_as_many_times_less_as_was_predicted)
{
    ExpansionSizes s = { 300, 80, 1152, 2304, 4, 16, false };
    double inference = expansion_cost_on_frames(&s) / expansion_cost_moved(&s);
    s.training = true;
    double training = expansion_cost_on_frames(&s) / expansion_cost_moved(&s);
    ck_assert_msg(inference > 9.3 && inference < 9.6, "%g", inference);
    ck_assert_msg(training > 7.4 && training < 8, "%g", training);
}
END_TEST

START_TEST(segments_and_unknown_sizes_are_expanded_frame_by_frame)
{
    for (size_t frames = 0; frames <= 5; frames += 5) {
        ExpansionSizes s = { frames, frames ? 160 : 0, 1152, 2304, 4, 16, false };
        ck_assert(expansion_cost_moved(&s) > expansion_cost_on_frames(&s));
        s.training = true;
        ck_assert(expansion_cost_moved(&s) > expansion_cost_on_frames(&s));
    }
}
END_TEST

START_TEST(a_network_is_told_of_its_batches_on_the_host_alone)
{
    NetworkSpec spec = { 0 };
    network_spec_bounds(&spec, &(Device){ .is_host = true }, (LoaderBounds){ 4, 1200, 12 });
    ck_assert(spec.most_videos == 4 && spec.most_frames == 1200);
    network_spec_bounds(&spec, &(Device){ .is_host = false }, (LoaderBounds){ 4, 1200, 12 });
    ck_assert(spec.most_videos == 0 && spec.most_frames == 0);
}
END_TEST

int main(void)
{
    return RUN_SUITE("expansion", the_cost_of_a_tiny_expansion_is_what_one_counts_by_hand,
                     it_is_moved_from_the_numbers_of_frames_that_were_predicted,
                     a_video_of_300_frames_costs_as_many_times_less_as_was_predicted,
                     segments_and_unknown_sizes_are_expanded_frame_by_frame,
                     a_network_is_told_of_its_batches_on_the_host_alone);
}
