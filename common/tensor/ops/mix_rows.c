/*
 * mix_rows: mixup: every row mixed with that of another video of the batch.
 *
 *   y_i  = a_v x_i + (1 - a_v) x_j           i = row t of video v, j = row t of video p(v)
 *   dx_i = a_v dy_i + sum over the k whose j is i of (1 - a_v(k)) dy_k
 *
 * p is a random permutation of the batch's videos, a_v ~ Beta(alpha, alpha), both drawn under the key
 * (seed, name) at the training step, so applying it under one name to features and to targets mixes
 * both in the same way. Where p(v) has fewer rows than v, nothing is added for the missing ones.
 * Where the batch is run in parts, partners are of one part, drawn anew for each.
 * Beta: Johnk's method, u^(1/alpha) and v^(1/alpha) until their sum is at most 1, in logarithms.
 * Source: spec/models 15.1.
 *
 *   x, y, dx, dy  [rows, ...]: the batch's rows, or rows that belong to them
 */
#include "common/base/elementary.h"
#include "common/tensor/op.h"
#include "common/tensor/ops.h"

#define MOST_DRAWS 1000 // of which more than half succeed

/* What is drawn for a video v, once for all its rows. */
typedef struct Mix {
    double own;         // a_v
    size_t first, rows; // of v
    size_t other;       // the first row of p(v)
    size_t shared;      // so many rows of v have one of p(v)
} Mix;

static bool shape(OpShape *op)
{
    double alpha = *(const double *)op_attributes(op);
    if (!(alpha > 0 && alpha <= 1))
        return op_refuse(op, "an alpha of %g; it must be above 0 and at most 1", alpha);
    if (!op_input(op, 0).rows)
        return op_refuse(op, "there are no rows to mix");
    return op_output(op, op_input(op, 0));
}

/* Beta(alpha, alpha) for a video. */
static double draw_beta(PhiloxKey key, uint64_t step, size_t video, double alpha)
{
    for (uint64_t draw = 0; draw < MOST_DRAWS; draw++) {
        uint32_t words[4];
        philox(key, step, draw << 32 | video, words);
        double x = elementary_log(((double)words[0] + 0.5) * 0x1p-32) / alpha;
        double y = elementary_log(((double)words[1] + 0.5) * 0x1p-32) / alpha;
        if (elementary_exp(x) + elementary_exp(y) <= 1)
            return 1 / (1 + elementary_exp(y - x));
    }
    return 0.5;
}

/* The rows of a video; a tensor of the batch itself has one each. */
static size_t rows_of_video(const OpTensor *x, size_t video, size_t *first)
{
    *first = x->offsets ? x->offsets[video] : video;
    return x->offsets ? x->offsets[video + 1] - *first : 1;
}

static size_t video_count(const OpRun *run)
{
    return run->input[0].offsets ? run->groups : run->input[0].rows;
}

/* The number of video 0 in the whole batch. */
static uint64_t first_video(const OpRun *run)
{
    return run->input[0].offsets ? run->group_first : run->input[0].first;
}

static Mix mix_of(const OpRun *run, size_t video)
{
    const OpTensor *x = &run->input[0];
    PhiloxKey weights = philox_key((uint64_t)run->key.word[1] << 32 | run->key.word[0], "weights");
    uint64_t first = first_video(run), turn = first << 32 | run->step; // another for each part
    size_t partner = philox_permute(run->key, turn, video_count(run), video);
    double alpha = *(const double *)run->attributes;
    Mix mix = { .own = draw_beta(weights, run->step, first + video, alpha) };
    size_t rows = rows_of_video(x, partner, &mix.other);
    mix.rows = rows_of_video(x, video, &mix.first);
    mix.shared = rows < mix.rows ? rows : mix.rows;
    return mix;
}

static void mix_videos(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    for (size_t video = begin; video < end; video++) {
        Mix mix = mix_of(run, video);
        for (size_t t = 0; t < mix.rows; t++) {
            const real *own = row_of(x, mix.first + t);
            const real *other = t < mix.shared ? row_of(x, mix.other + t) : own;
            real a = (real)mix.own, b = t < mix.shared ? (real)(1 - mix.own) : 0;
            real *y = row_of(&run->output, mix.first + t);
            for (size_t c = 0; c < x->width; c++)
                y[c] = a * own[c] + b * other[c];
        }
    }
}

/* The other phase of forward: rows that belong to videos are done by video. */
static void mix_batch(const OpRun *run, size_t begin, size_t end)
{
    if (!run->input[0].offsets)
        mix_videos(run, begin, end);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    for (size_t video = 0, videos = video_count(run); video < videos; video++) {
        Mix mix = mix_of(run, video);
        for (size_t t = 0; t < mix.rows; t++) {
            const real *dy = gradient_of(&run->output, mix.first + t);
            real *own = gradient_of(x, mix.first + t);
            real *other = t < mix.shared ? gradient_of(x, mix.other + t) : own;
            real a = (real)mix.own, b = t < mix.shared ? (real)(1 - mix.own) : 0;
            for (size_t c = begin; c < end; c++) {
                own[c] += a * dy[c];
                other[c] += b * dy[c];
            }
        }
    }
}

static const Op op_mix_rows = {
    "mix_rows",
    shape,
    .forward = { { OP_BY_GROUP, mix_videos }, { OP_BY_ROW, mix_batch } },
    .backward = { { OP_BY_INPUT_COLUMN, backward } },
    .only_in_training = true,
    .couples_samples = true,
};

Tensor mix_rows(Graph *g, const char *name, Tensor x, double alpha)
{
    if (alpha == 0)
        return x;
    return graph_apply_named(g, name, &op_mix_rows, &alpha, sizeof alpha, (Tensor[]){ x }, 1);
}
