/*
 * attention: every frame of a video looks at all frames of that video, with several heads side by side.
 *
 *   q, k, v = the three parts of x, each of heads of width w
 *   s_ij = <q_i, k_j> / sqrt(w)          p_ij = e^(s_ij - l_i)      l_i = ln sum_j e^s_ij
 *   y_i  = sum_j d_ij p_ij v_j           d: the factors of dropout; 1 outside training
 *   dp_ij = d_ij <dy_i, v_j>             ds_ij = p_ij (dp_ij - <dy_i, y_i>) / sqrt(w)
 *   dq_i = sum_j ds_ij k_j               dk_j = sum_i ds_ij q_i     dv_j = sum_i d_ij p_ij dy_i
 *
 * i, j: frames of one video, so frames of others are masked by not being there. A video is one task:
 * head by head, a block of frames i at a time, of which alone p, d and dp are in memory, so they stay
 * in cache. Backward computes p again from l.
 *
 * d_ij is drawn (cpu/drop.h) as element (i heads + head) 2^19 + j, i of the whole batch's frames and j of the
 * video's: no bound of a plan decides it.
 *
 *   x, dx  [frames, 3 heads w]: all heads of q, of k, of v   y, dy  [frames, heads w]
 *   l  [frames, heads], kept   p, d, dp  [frames, BLOCK], scratch: the part of a video is its own
 *
 * Source: Vaswani et al. 2017; papers/bert-ensemble, equations 2 and 3.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/drop.h"
#include "common/tensor/cpu/gemm.h"
#include "common/tensor/cpu/vector.h"

#include <string.h>

#define BLOCK ((size_t)64)                  // frames i at a time
#define DRAWS_OF_ROW ((size_t)1 << 19)      // room for j: 6 days of video
enum { PROBABILITIES, FACTORS, GRADIENTS }; // scratch

static bool shape(OpShape *op)
{
    const Attention *settings = op_attributes(op);
    Shape x = op_input(op, 0);
    size_t width = shape_elements(x) / 3;
    if (!x.rows || !x.rows->parent || x.rank != 1 || width * 3 != x.axes[0])
        return op_refuse(op, "there must be queries, keys and values for the frames of videos");
    if (settings->heads == 0 || width % settings->heads)
        return op_refuse(op, "%zu heads do not divide a width of %zu", settings->heads, width);
    return drop_rate_fits(op, settings->rate) && op_output(op, shape_rows(x.rows, width))
        && op_keep(op, shape_rows(x.rows, settings->heads))
        && op_scratch(op, shape_rows(x.rows, BLOCK)) && op_scratch(op, shape_rows(x.rows, BLOCK))
        && op_scratch(op, shape_rows(x.rows, BLOCK));
}

/* One head of one video. */
typedef struct Head {
    const OpRun *run;
    size_t first, frames; // of the batch: where the video's begin, and how many it has
    size_t number, heads, width;
    real scale;
    real *p, *d, *dp; // [BLOCK, frames]
} Head;

static Head head_of(const OpRun *run, size_t video, size_t number)
{
    const Attention *settings = run->attributes;
    const uint32_t *offsets = run->input[0].offsets;
    Head head = { .run = run, .first = offsets[video], .number = number, .heads = settings->heads };
    head.frames = offsets[video + 1] - head.first;
    head.width = run->output.width / settings->heads;
    head.scale = 1 / real_sqrt((real)head.width);
    head.p = run->scratch[PROBABILITIES] + head.first * BLOCK;
    head.d = run->scratch[FACTORS] + head.first * BLOCK;
    head.dp = run->scratch[GRADIENTS] + head.first * BLOCK;
    return head;
}

/* Queries (part 0), keys (1) or values (2) from the video's frame i on, or their gradients. */
static Matrix part(const Head *head, real *of, size_t which, size_t i)
{
    size_t width = head->run->input[0].width;
    real *row = of + (head->first + i) * width;
    return (Matrix){ row + (which * head->heads + head->number) * head->width, width, AS_IS };
}

/* The same of what is given. */
static Matrix given(const Head *head, real *of, size_t i)
{
    size_t width = head->run->output.width;
    real *row = of + (head->first + i) * width;
    return (Matrix){ row + head->number * head->width, width, AS_IS };
}

static Matrix transposed(Matrix a)
{
    a.transpose = TRANSPOSED;
    return a;
}

static Matrix block(const Head *head, real *of)
{
    return (Matrix){ of, head->frames, AS_IS };
}

/* l of the frame i. */
static real *logarithm(const Head *head, size_t i)
{
    return head->run->kept[0] + (head->first + i) * head->heads + head->number;
}

/* d of frames i .. i + count - 1. */
static void draw(const Head *head, size_t i, size_t count)
{
    const Attention *settings = head->run->attributes;
    for (size_t row = 0; row < count; row++) {
        size_t frame = head->run->output.first + head->first + i + row;
        size_t first = (frame * head->heads + head->number) * DRAWS_OF_ROW;
        for (size_t j = 0, stop; j < head->frames; j = stop) {
            real factors[DROP_AT_ONCE];
            stop = drop_stop(first + j, first + head->frames) - first;
            drop_factors(head->run, settings->rate, first + j, first + stop, factors);
            memcpy(head->d + row * head->frames + j, factors, (stop - j) * sizeof *factors);
        }
    }
}

/* <q_i, k_j> of frames i .. i + count - 1, in the place of p. */
static void multiply_queries(const Head *head, size_t i, size_t count)
{
    real *x = head->run->input[0].data;
    gemm_serial(head->run->blas, count, head->frames, head->width, part(head, x, 0, i),
                transposed(part(head, x, 1, 0)), 0, block(head, head->p));
}

/* p and l from the products. */
static void soften(const Head *head, size_t i, size_t count)
{
    for (size_t row = 0; row < count; row++) {
        real *p = head->p + row * head->frames, largest = real_maximum(p, head->frames);
        for (size_t j = 0; j < head->frames; j++)
            p[j] = real_exp(head->scale * (p[j] - largest));
        real sum = real_sum(p, head->frames), inverse = 1 / sum;
        *logarithm(head, i + row) = head->scale * largest + real_log(sum);
        for (size_t j = 0; j < head->frames; j++)
            p[j] *= inverse;
    }
}

static void forward_head(const Head *head)
{
    for (size_t i = 0; i < head->frames; i += BLOCK) {
        size_t count = head->frames - i < BLOCK ? head->frames - i : BLOCK;
        multiply_queries(head, i, count);
        soften(head, i, count);
        draw(head, i, count);
        for (size_t at = 0; at < count * head->frames; at++)
            head->p[at] *= head->d[at];
        gemm_serial(head->run->blas, count, head->width, head->frames, block(head, head->p),
                    part(head, head->run->input[0].data, 2, 0), 0,
                    given(head, head->run->output.data, i));
    }
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const Attention *settings = run->attributes;
    for (size_t video = begin; video < end; video++)
        for (size_t number = 0; number < settings->heads; number++) {
            Head head = head_of(run, video, number);
            forward_head(&head);
        }
}

/* From products of queries and keys, and of dy and values: d p in place of p, ds in place of dp. */
static void pass(const Head *head, size_t i, size_t count)
{
    Matrix y = given(head, head->run->output.data, i);
    Matrix dy = given(head, head->run->output.gradient, i);
    for (size_t row = 0; row < count; row++) {
        real *restrict p = head->p + row * head->frames,
                       *restrict dp = head->dp + row * head->frames;
        const real *d = head->d + row * head->frames;
        real l = *logarithm(head, i + row);
        real along = real_dot(dy.data + row * dy.stride, y.data + row * y.stride, head->width);
        for (size_t j = 0; j < head->frames; j++) {
            real own = real_exp(head->scale * p[j] - l);
            dp[j] = own * (d[j] * dp[j] - along) * head->scale;
            p[j] = own * d[j];
        }
    }
}

static void backward_head(const Head *head)
{
    const OpRun *run = head->run;
    size_t frames = head->frames, width = head->width;
    real *x = run->input[0].data, *dx = run->input[0].gradient;
    for (size_t i = 0; i < frames; i += BLOCK) {
        size_t count = frames - i < BLOCK ? frames - i : BLOCK;
        Matrix dy = given(head, run->output.gradient, i);
        real adds = run->accumulate[0], adds_to_all = i > 0 || run->accumulate[0];
        multiply_queries(head, i, count);
        gemm_serial(run->blas, count, frames, width, dy, transposed(part(head, x, 2, 0)), 0,
                    block(head, head->dp));
        draw(head, i, count);
        pass(head, i, count);
        gemm_serial(run->blas, count, width, frames, block(head, head->dp), part(head, x, 1, 0),
                    adds, part(head, dx, 0, i));
        gemm_serial(run->blas, frames, width, count, transposed(block(head, head->dp)),
                    part(head, x, 0, i), adds_to_all, part(head, dx, 1, 0));
        gemm_serial(run->blas, frames, width, count, transposed(block(head, head->p)), dy,
                    adds_to_all, part(head, dx, 2, 0));
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const Attention *settings = run->attributes;
    for (size_t video = begin; video < end; video++)
        for (size_t number = 0; number < settings->heads; number++) {
            Head head = head_of(run, video, number);
            backward_head(&head);
        }
}

/* Two products of all pairs of frames, and five; as if videos were of one length. */
static double operations(const OpRun *run, bool backward)
{
    double frames = (double)run->input[0].rows;
    double pairs = run->groups ? frames * frames / (double)run->groups : 0;
    return 2 * pairs * (double)run->output.width * (backward ? 5 : 2);
}

static const Op op_attention = {
    "attention",
    shape,
    .forward = { { OP_BY_GROUP, forward } },
    .backward = { { OP_BY_GROUP, backward } },
    .saves = OP_SAVES_INPUT(0) | OP_SAVES_OUTPUT,
    .overwrites = 1u,
    .operations = operations,
};

Tensor attention(Graph *g, const char *name, Tensor x, Attention settings)
{
    return graph_apply_named(g, name, &op_attention, &settings, sizeof settings, (Tensor[]){ x },
                             1);
}
