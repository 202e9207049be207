/*
 * gru: gated recurrent units, over the frames of each video in their order.
 *
 *   [r, u]_t = sigmoid(g_t + h_t-1 U)     c_t = tanh(a_t + (r_t h_t-1) W)     h before the first is 0
 *   h_t      = u_t h_t-1 + (1 - u_t) c_t
 *
 *   dh_t   = dy_t + what the next frame gives
 *   da_t   = dh_t (1 - u_t) (1 - c_t^2)        s_t = da_t W^T
 *   dg_t   = [s_t h_t-1 r_t (1 - r_t), dh_t (h_t-1 - c_t) u_t (1 - u_t)]
 *   dh_t-1 = dy_t-1 + dh_t u_t + s_t r_t + dg_t U^T
 *   dU = sum over frames of h_t-1^T dg_t       dW = sum over frames of (r_t h_t-1)^T da_t
 *
 * What x contributes, g and a, is ordinary products of all frames. What is left is a loop over frames: at each,
 * of the videos that have so many, two products by matrices that stay the same, which are laid out once. A step
 * is split by columns; a row's sums have one order whatever rows stand beside (cpu/packed_product.h), so parts of
 * a batch have the bits of the whole.
 *
 *   g, dg  [frames, 2 H]   a, da  [frames, H]   U, dU  [H, 2 H]   W, dW  [H, H]   y = h, dy  [frames, H]
 *   r and u  [frames, 2 H], c  [frames, H], kept; backward puts dg and da in their place
 *   r h  scratch [frames, H]; forward has one row a video, that of its first frame
 *   what the next frame gives to h_t, and when that is read h_t-1  scratch [frames, H]
 *
 * Source: Cho et al. 2014 in the form of TensorFlow's GRUCell: spec/models 8.1.
 */
#include "common/base/parallel.h"
#include "common/tensor/cpu/packed_product.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"
#include "common/tensor/ops.h"

#include <string.h>

enum { GATES, CANDIDATE, GATE_WEIGHTS, CANDIDATE_WEIGHTS };
enum { GATES_KEPT, CANDIDATE_KEPT };
enum { GATE_PANELS, CANDIDATE_PANELS, RESET, GIVEN }; // scratch
#define PIECE_PRODUCTS ((size_t)1 << 20)              // of a piece of a step: some 20 microseconds

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool shape(OpShape *op)
{
    Shape g = op_input(op, GATES), a = op_input(op, CANDIDATE);
    size_t H = shape_elements(a);
    if (!a.rows || !a.rows->parent || g.rows != a.rows || g.rank != 1 || a.rank != 1
        || g.axes[0] != 2 * H)
        return op_refuse(op, "there must be two gates and a candidate for the frames of videos");
    if (!shape_equal(op_input(op, GATE_WEIGHTS), shape_matrix(H, 2 * H))
        || !shape_equal(op_input(op, CANDIDATE_WEIGHTS), shape_matrix(H, H)))
        return op_refuse(op, "weights must map a state to gates and candidates");
    size_t gates = larger(packed_elements(H, 2 * H), packed_elements(2 * H, H));
    return op_output(op, a) && op_keep(op, g) && op_keep(op, a)
        && op_scratch(op, shape_vector(gates))
        && op_scratch(op, shape_vector(packed_elements(H, H))) && op_scratch(op, a)
        && op_scratch(op, a);
}

/* A step through the frames of all videos. */
typedef struct Loop {
    const OpRun *run;
    const uint32_t *offsets;
    size_t step, H;
    PackedMatrix gates, candidate;    // U and W; backward: their transposes
    real *opened, *c, *reset, *given; // r and u; c; r h; what is given to h
} Loop;

static Loop loop_of(const OpRun *run)
{
    return (Loop){ .run = run,
                   .offsets = run->input[CANDIDATE].offsets,
                   .H = run->output.width,
                   .opened = run->kept[GATES_KEPT],
                   .c = run->kept[CANDIDATE_KEPT],
                   .reset = run->scratch[RESET],
                   .given = run->scratch[GIVEN] };
}

static size_t longest(const Loop *loop)
{
    size_t most = 0;
    for (size_t video = 0; video < loop->run->groups; video++)
        most = larger(most, loop->offsets[video + 1] - loop->offsets[video]);
    return most;
}

static Matrix stored(const real *data, size_t width, Transpose transpose)
{
    return (Matrix){ (real *)data, width, transpose };
}

static void pack(Loop *loop, Transpose transpose)
{
    const OpRun *run = loop->run;
    size_t H = loop->H, of_gates = transpose == AS_IS ? 2 * H : H;
    loop->gates = packed_matrix(3 * H - of_gates, of_gates,
                                stored(run->input[GATE_WEIGHTS].data, 2 * H, transpose),
                                run->scratch[GATE_PANELS]);
    loop->candidate = packed_matrix(H, H, stored(run->input[CANDIDATE_WEIGHTS].data, H, transpose),
                                    run->scratch[CANDIDATE_PANELS]);
}

/* Videos that have a frame of some number, as many as are multiplied at once, and its rows. */
typedef struct Block {
    size_t count, row[PACKED_ROWS];
} Block;

/* The next of them from *video on; false where there are none. */
static bool next_block(const Loop *loop, size_t step, size_t *video, Block *block)
{
    block->count = 0;
    for (; *video < loop->run->groups && block->count < PACKED_ROWS; ++*video) {
        size_t row = loop->offsets[*video] + step;
        if (row < loop->offsets[*video + 1])
            block->row[block->count++] = row;
    }
    return block->count > 0;
}

static size_t columns_end(size_t panel, size_t width)
{
    size_t end = (panel + 1) * PACKED_COLUMNS;
    return end < width ? end : width;
}

/* Columns first .. stop - 1 of one frame, with what they get of a product. */
typedef void FrameKernel(const Loop *loop, size_t row, const real *sums, size_t first, size_t stop);

/*
 * All frames of a step, with a panel's products of b and of rows of `of`, so many before each frame's own. 0 at the
 * first step, before which there is nothing.
 */
static inline void for_frames(const Loop *loop, size_t step, const PackedMatrix *b, size_t panel,
                              const real *of, size_t before, FrameKernel *kernel)
{
    size_t first = panel * PACKED_COLUMNS, stop = columns_end(panel, b->n), video = 0;
    Block block;
    while (next_block(loop, step, &video, &block)) {
        real sums[PACKED_ROWS][PACKED_COLUMNS] = { { 0 } };
        const real *a[PACKED_ROWS];
        for (size_t i = 0; step > 0 && i < block.count; i++)
            a[i] = of + (block.row[i] - before) * b->k;
        if (step > 0)
            packed_product(b, panel, block.count, a, sums);
        for (size_t i = 0; i < block.count; i++)
            kernel(loop, block.row[i], sums[i], first, stop);
    }
}

static void run_step(Loop *loop, const PackedMatrix *b, ParallelBody *body)
{
    size_t products = loop->run->groups * b->k * PACKED_COLUMNS;
    parallel_for(packed_panels(b->n), products ? 1 + PIECE_PRODUCTS / products : 1, body, loop);
}

/* ---- forward ---- */

/* [r, u]_t, and r_t h_t-1. */
static void open_frame(const Loop *loop, size_t row, const real *sums, size_t first, size_t stop)
{
    size_t H = loop->H;
    const real *g = row_of(&loop->run->input[GATES], row);
    real *opened = loop->opened + row * 2 * H, *reset = loop->reset + (row - loop->step) * H;
    for (size_t j = first; j < stop; j++)
        opened[j] = real_sigmoid(g[j] + sums[j - first]);
    for (size_t j = first; loop->step > 0 && j < stop && j < H; j++)
        reset[j] = opened[j] * row_of(&loop->run->output, row - 1)[j];
}

static void open_gates(void *context, size_t begin, size_t end)
{
    const Loop *loop = context;
    for (size_t panel = begin; panel < end; panel++)
        for_frames(loop, loop->step, &loop->gates, panel, loop->run->output.data, 1, open_frame);
}

/* c_t and h_t. */
static void give_state(const Loop *loop, size_t row, const real *sums, size_t first, size_t stop)
{
    size_t H = loop->H;
    const real *a = row_of(&loop->run->input[CANDIDATE], row), *u = loop->opened + row * 2 * H + H;
    real *c = loop->c + row * H, *h = row_of(&loop->run->output, row);
    for (size_t j = first; j < stop; j++)
        c[j] = real_tanh(a[j] + sums[j - first]);
    for (size_t j = first; j < stop; j++)
        h[j] = (1 - u[j]) * c[j];
    for (size_t j = first; loop->step > 0 && j < stop; j++)
        h[j] += u[j] * row_of(&loop->run->output, row - 1)[j];
}

static void give_states(void *context, size_t begin, size_t end)
{
    const Loop *loop = context;
    for (size_t panel = begin; panel < end; panel++)
        for_frames(loop, loop->step, &loop->candidate, panel, loop->reset, loop->step, give_state);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    Loop loop = loop_of(run);
    size_t steps = longest(&loop);
    (void)begin, (void)end;
    pack(&loop, AS_IS);
    for (; loop.step < steps; loop.step++) {
        run_step(&loop, &loop.gates, open_gates);
        run_step(&loop, &loop.candidate, give_states);
    }
}

/* ---- backward ---- */

/* What frame t + 1's gates give to h_t: the last of what it gives. */
static void give_by_gates(const Loop *loop, size_t row, const real *sums, size_t first, size_t stop)
{
    real *given = loop->given + (row - 1) * loop->H;
    for (size_t j = first; j < stop; j++)
        given[j] += sums[j - first];
}

/* du' and da, in the places of u and c, and dh u, which is given to h_t-1. */
static void close_state(const Loop *loop, size_t row, bool last, size_t first, size_t stop)
{
    size_t H = loop->H;
    bool begins = loop->step == 0;
    size_t previous = begins ? row : row - 1;
    const real *dy = gradient_of(&loop->run->output, row),
               *h = row_of(&loop->run->output, previous);
    real *restrict u = loop->opened + row * 2 * H + H, *restrict c = loop->c + row * H;
    real *given = loop->given + row * H, *before = loop->given + previous * H;
    for (size_t j = first; j < stop; j++) {
        real dh = dy[j] + (last ? 0 : given[j]), open = u[j], candidate = c[j];
        c[j] = dh * (1 - open) * (1 - candidate * candidate);
        u[j] = dh * ((begins ? 0 : h[j]) - candidate) * open * (1 - open);
        if (!begins)
            before[j] = dh * open;
    }
}

static void close_states(void *context, size_t begin, size_t end)
{
    const Loop *loop = context;
    for (size_t panel = begin; panel < end; panel++) {
        for_frames(loop, loop->step + 1, &loop->gates, panel, loop->opened, 0, give_by_gates);
        for (size_t video = 0; video < loop->run->groups; video++) {
            size_t row = loop->offsets[video] + loop->step, behind = loop->offsets[video + 1];
            if (row < behind)
                close_state(loop, row, row + 1 == behind, panel * PACKED_COLUMNS,
                            columns_end(panel, loop->H));
        }
    }
}

/* dr' in the place of r, s r, which is given to h_t-1; and what weights are multiplied by. */
static void close_reset(const Loop *loop, size_t row, const real *s, size_t first, size_t stop)
{
    size_t H = loop->H;
    const real *h = row_of(&loop->run->output, row - 1);
    real *restrict r = loop->opened + row * 2 * H, *restrict reset = loop->reset + row * H;
    real *restrict previous = loop->given + row * H, *restrict before = loop->given + (row - 1) * H;
    for (size_t j = first; j < stop; j++) {
        real open = r[j], own = s[j - first];
        before[j] += own * open;
        previous[j] = h[j];
        reset[j] = open * h[j];
        r[j] = own * h[j] * open * (1 - open);
    }
}

/* The first frame has nothing before it. */
static void close_first(const Loop *loop, size_t row, const real *none, size_t first, size_t stop)
{
    size_t bytes = (stop - first) * sizeof(real);
    (void)none;
    memset(loop->opened + row * 2 * loop->H + first, 0, bytes);
    memset(loop->reset + row * loop->H + first, 0, bytes);
    memset(loop->given + row * loop->H + first, 0, bytes);
}

static void close_resets(void *context, size_t begin, size_t end)
{
    const Loop *loop = context;
    for (size_t panel = begin; panel < end; panel++)
        for_frames(loop, loop->step, &loop->candidate, panel, loop->c, 0,
                   loop->step > 0 ? close_reset : close_first);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    Loop loop = loop_of(run);
    (void)begin, (void)end;
    pack(&loop, TRANSPOSED);
    for (size_t steps = longest(&loop); steps > 0; steps--) {
        loop.step = steps - 1;
        run_step(&loop, &loop.gates, close_states);
        run_step(&loop, &loop.candidate, close_resets);
    }
}

static void give(const OpRun *run, size_t i, const real *own, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[i];
    if (!x->gradient)
        return;
    for (size_t at = begin * x->width; at < end * x->width; at++)
        x->gradient[at] = (run->accumulate[i] ? x->gradient[at] : 0) + own[at];
}

static void backward_inputs(const OpRun *run, size_t begin, size_t end)
{
    give(run, GATES, run->kept[GATES_KEPT], begin, end);
    give(run, CANDIDATE, run->kept[CANDIDATE_KEPT], begin, end);
}

/* d(weights) = from^T slopes, over all frames. */
static void give_weights(const OpRun *run, size_t i, const real *from, const real *slopes)
{
    const OpTensor *x = &run->input[CANDIDATE], *w = &run->input[i];
    size_t H = w->shape.axes[0], width = w->shape.axes[1];
    if (w->gradient)
        gemm_over_slices(run->blas, (Slices){ x->slices, x->slice_count, 1 }, H, width, x->rows,
                         stored(from, H, TRANSPOSED), stored(slopes, width, AS_IS),
                         run->accumulate[i], stored(w->gradient, width, AS_IS));
}

static void backward_weights(const OpRun *run, size_t begin, size_t end)
{
    (void)begin, (void)end;
    give_weights(run, GATE_WEIGHTS, run->scratch[GIVEN], run->kept[GATES_KEPT]);
    give_weights(run, CANDIDATE_WEIGHTS, run->scratch[RESET], run->kept[CANDIDATE_KEPT]);
}

static double operations(const OpRun *run, bool backward)
{
    double H = (double)run->output.width, one = 6 * (double)run->output.rows * H * H;
    return backward ? 2 * one : one;
}

static const Op op_gru = {
    "gru",
    shape,
    .forward = { { OP_WHOLE, forward } },
    .backward = { { OP_WHOLE, backward },
                  { OP_BY_INPUT_ROW, backward_inputs },
                  { OP_WHOLE, backward_weights } },
    .saves = OP_SAVES_INPUT(GATE_WEIGHTS) | OP_SAVES_INPUT(CANDIDATE_WEIGHTS) | OP_SAVES_OUTPUT,
    .overwrites = OP_SAVES_INPUTS,
    .multiplies = OP_SAVES_INPUT(GATE_WEIGHTS) | OP_SAVES_INPUT(CANDIDATE_WEIGHTS),
    .steps_through_groups = true,
    .operations = operations,
};

Tensor gru(Graph *g, Tensor gates, Tensor candidate, Tensor gate_weights, Tensor candidate_weights)
{
    return graph_apply(g, &op_gru, NULL, 0,
                       (Tensor[]){ gates, candidate, gate_weights, candidate_weights }, 4);
}
