/*
 * A golden network's predictions for its frames in another order, and repeated: what models whose videos
 * are sets of frames must not heed (spec/models 19.1).
 */
#ifndef PODIUM_TESTS_GOLDEN_ORDERS_H
#define PODIUM_TESTS_GOLDEN_ORDERS_H

#include "golden_network.h"

#define ORDERS_TOLERANCE 1e-12 // of sums in another order, in double
#define ORDERS_MOST_BYTES ((size_t)1000 * GOLDEN_WIDTH)
#define ORDERS_MOST_NUMBERS ((size_t)16 * GOLDEN_CLASSES)

typedef size_t GoldenOrder(size_t i, size_t n); // which of a video's n frames is its i-th

static inline size_t order_as_it_is(size_t i, size_t n)
{
    return i % n;
}

static inline size_t order_backwards(size_t i, size_t n)
{
    return n - 1 - i % n;
}

/* The videos' probabilities by the moving averages. */
static inline void golden_predict(Golden *t, GoldenOrder *order, size_t times, real *probabilities)
{
    static uint8_t bytes[ORDERS_MOST_BYTES];
    uint32_t offsets[16] = { 0 };
    size_t count, bound = t->frames;
    const uint32_t *first = golden_array(t, STORED_U32, &count, "frame_first");
    const uint8_t *frames = golden_array(t, STORED_U8, &count, "frames");
    uint8_t *next = bytes;
    for (size_t video = 0; video < t->videos; video++) {
        size_t n = first[video + 1] - first[video];
        for (size_t i = 0; i < n * times; i++, next += GOLDEN_WIDTH)
            memcpy(next, frames + (first[video] + order(i, n)) * GOLDEN_WIDTH, GOLDEN_WIDTH);
        offsets[video + 1] = offsets[video] + (uint32_t)(n * times);
    }
    t->frames = offsets[t->videos];
    Plan *plan = golden_plan(t, false); // binds the file's own frames; ours follow
    t->frames = bound;
    ck_assert(plan_bind_rows(plan, t->network.frames, offsets[t->videos], offsets, &t->failure));
    plan_bind_input(plan, t->network.features, bytes);
    plan_forward(plan, 1, 0);
    memcpy(probabilities, plan_output(plan, t->network.prediction.probabilities),
           t->videos * GOLDEN_CLASSES * sizeof *probabilities);
    plan_destroy(plan);
}

/* Of a network that was opened and begun. */
static inline void golden_heeds_no_order(Golden *t)
{
    real first[ORDERS_MOST_NUMBERS], again[ORDERS_MOST_NUMBERS];
    golden_predict(t, order_as_it_is, 1, first);
    for (size_t times = 1; times <= 3; times += 2) {
        golden_predict(t, order_backwards, times, again);
        for (size_t i = 0; i < t->videos * GOLDEN_CLASSES; i++)
            ck_assert_double_eq_tol(first[i], again[i], ORDERS_TOLERANCE);
    }
}

static inline void golden_video_model_heeds_no_order(const GoldenVideoModel *of)
{
    static Golden t;
    golden_open_video_model(&t, of);
    golden_begin(&t);
    golden_heeds_no_order(&t);
    golden_close(&t);
}

#endif
