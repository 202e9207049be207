/*
 * Gradient checks: what backward computes against central differences, in double precision.
 */
#ifndef PODIUM_TESTS_GRADIENT_CHECK_H
#define PODIUM_TESTS_GRADIENT_CHECK_H

#include "common/tensor/plan.h"
#include "common/tensor/ops.h"

#include "common/base/philox.h"

#define CHECK_MOST_INPUTS 8
#define CHECK_SEED 7

typedef enum CheckRows { ROWS_NONE, ROWS_BATCH, ROWS_FRAMES } CheckRows;

/* An input of the op under test, filled with uniform numbers. ROWS_NONE: a parameter. */
typedef struct CheckInput {
    CheckRows rows;
    size_t rank, axes[SHAPE_MOST_AXES];
    double low, high;    // both 0: -1 to 1
    const char *without; // "gradient": none is wanted and none is checked; "training": a statistic
} CheckInput;

typedef struct GradientCheck {
    CheckInput input[CHECK_MOST_INPUTS]; // a rank of 0 ends them
    Tensor (*build)(Graph *g, const Tensor inputs[]);
    /*
     * |computed - difference| <= tolerance max(1, |difference|). With step 1e-5 the error of
     * truncation (step^2) and of rounding (1e-16 / step) are both near 1e-10 for functions of
     * size 1.
     */
    double tolerance;
} GradientCheck;

/* Check one op; fails the running Check test with input, element and both numbers. */
void check_gradients(GradientCheck check);

/*
 * Check a whole graph that has losses: every parameter, at most `samples` elements of each.
 *
 *   bind  binds rows and inputs before each run
 */
void check_graph_gradients(Graph *g, const size_t bounds[], size_t samples, double tolerance,
                           void (*bind)(Plan *plan, void *context), void *context, Arena *arena);

/* Uniform numbers from low to high, by a counter: the same in every run. */
static inline void check_fill(real *x, size_t n, double low, double high, const char *purpose)
{
    PhiloxKey key = philox_key(CHECK_SEED, purpose);
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        philox(key, 0, i, words);
        x[i] = (real)(low + (high - low) * philox_uniform(words[0]));
    }
}

#endif
