/*
 * The ops that models are written with. Each is defined in ops/NAME.c, with both directions'
 * formulas.
 *
 * "rows" stands for any row axis; "..." for any further axes. Where an input doesn't fit, the graph
 * keeps a failure that names the op and all shapes, and what is returned may be used but means
 * nothing.
 */
#ifndef PODIUM_TENSOR_OPS_H
#define PODIUM_TENSOR_OPS_H

#include "common/tensor/graph.h"

/* ---- products ---- */

/*
 * x W + b: x [rows, ..., in], weights [in, out], bias [out] or NULL; gives [rows, ..., out]. Where
 * x is made of parameters and has no rows, nor has what it gives.
 */
Tensor affine(Graph *g, Tensor x, Tensor weights, Tensor bias);

/* ---- element by element ---- */

Tensor add(Graph *g, Tensor x, Tensor y);            // x + y, of equal shapes
Tensor multiply(Graph *g, Tensor x, Tensor y);       // x y, of equal shapes
Tensor sigmoid(Graph *g, Tensor x);                  // 1 / (1 + e^-x)
Tensor relu(Graph *g, Tensor x);                     // max(x, 0)
Tensor leaky_relu(Graph *g, Tensor x, double slope); // x, or slope x where x < 0
Tensor gelu(Graph *g, Tensor x); // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))

/* Inverted dropout: each element is 0 with probability `rate`, else x / (1 - rate); x outside
 * training. Draws are keyed by the scope and `name`. */
Tensor dropout(Graph *g, const char *name, Tensor x, double rate);

typedef struct Dequantization {
    double scale, offset; // scale q + offset, in one rounded product and one rounded sum
    size_t begin, width;  // columns begin .. begin + width - 1 of the bytes
    bool unit_length;     // divided by the length of the whole row, not of these columns alone
} Dequantization;

/* Bytes [rows, all] as numbers [rows, width]. No gradient. */
Tensor dequantize(Graph *g, Tensor bytes, Dequantization how);

/*
 * (x_j - 4/512) (sqrt(e_j) + 1e-4): rgb features with the spread that whitening took.
 *
 *   x [rows, width], eigenvalues [width]: a statistic
 */
Tensor dewhiten(Graph *g, Tensor x, Tensor eigenvalues);

/* ---- the last axis ---- */

Tensor softmax(Graph *g, Tensor x);
Tensor l2_normalize(Graph *g, Tensor x);                        // x / sqrt(max(sum x^2, 1e-12))
Tensor columns(Graph *g, Tensor x, size_t begin, size_t width); // x[..., begin : begin + width]
Tensor concatenate(Graph *g, const Tensor parts[], size_t count);

/* A matrix without rows as `parts` matrices: [height, parts width] gives [parts, height, width]. */
Tensor split_columns(Graph *g, Tensor x, size_t parts);

typedef struct LayerNorm {
    double epsilon;
    double rate; // of dropout, of what is added
} LayerNorm;

/*
 * Each row normalised over its own elements: scale (s - mean) / sqrt(variance + epsilon) + shift, where s is
 * x + dropout(added), or x alone. Draws are those of `dropout` under the same scope and name.
 *
 *   x, added      [rows, ...], of equal shapes; added may be NULL
 *   scale, shift  parameters [elements of a row]
 */
Tensor layer_norm(Graph *g, const char *name, Tensor x, Tensor added, Tensor scale, Tensor shift,
                  LayerNorm settings);

/* ---- over rows ---- */

typedef struct BatchNorm {
    double epsilon;
    double momentum; // weight of the new batch in the moving averages: 0.001 (TF), 0.1 (Torch)
    bool unbiased_variance; // the moving variance is of n - 1 (Torch)
} BatchNorm;

/*
 * Batch normalisation of every element of a row over all valid rows of the batch; by the moving
 * averages outside training.
 *
 *   scale, shift         parameters [elements of a row]
 *   mean, variance       statistics of the same shape, updated in training
 */
Tensor batch_norm(Graph *g, Tensor x, Tensor scale, Tensor shift, Tensor mean, Tensor variance,
                  BatchNorm settings);

/*
 * Mixup: every row is a x + (1 - a) x' with x' the same row of another video of the batch and a drawn
 * from Beta(alpha, alpha) for each video; x outside training, and where alpha is 0. Under one name, one
 * scope and one step, all tensors are mixed in the same way: features and targets.
 */
Tensor mix_rows(Graph *g, const char *name, Tensor x, double alpha);

/* ---- from frames to videos ---- */

/* The mean of the rows that belong to each row of the parent axis: x [frames, ...] gives [batch, ...]. */
Tensor mean_by_video(Graph *g, Tensor x);

/*
 * The mean of each video's rows, weighed by the softmax over them of their scores times `scale`; 0 where a
 * video has none.
 *
 *   x [frames, ...], scores [frames, 1]; gives [batch, ...]
 */
Tensor weighted_mean_by_video(Graph *g, Tensor x, Tensor scores, double scale);

/*
 * The first `count` rows of each video side by side: x [frames, ...] gives [batch, count times as
 * wide]. A video with fewer repeats its last one; one with none has zeros.
 */
Tensor leading_rows(Graph *g, Tensor x, size_t count);

/* The last row of each video: x [frames, ...] gives [batch, ...]; 0 where a video has none. */
Tensor last_by_video(Graph *g, Tensor x);

/*
 * Gated recurrent units over the frames of each video, in their order, from a state of 0:
 * [r, u] = sigmoid(gates + h U), c = tanh(candidate + (r h) W), h' = u h + (1 - u) c.
 *
 *   gates [frames, 2 H], candidate [frames, H]   what the frame itself contributes, biases included
 *   gate_weights U [H, 2 H], candidate_weights W [H, H]
 *   gives [frames, H]: the state after each frame
 */
Tensor gru(Graph *g, Tensor gates, Tensor candidate, Tensor gate_weights, Tensor candidate_weights);

typedef struct Attention {
    size_t heads;
    double rate; // of dropout, of the probabilities
} Attention;

/*
 * Scaled dot-product attention among the frames of each video: softmax(q k^T / sqrt(w)) v for heads of
 * width w side by side. Draws are keyed by the scope and `name`.
 *
 *   x  [frames, 3 heads w]: all heads' queries, then their keys, then their values; gives
 *      [frames, heads w]
 */
Tensor attention(Graph *g, const char *name, Tensor x, Attention settings);

/* softmax(logits) sigmoid(attention): logits [rows, groups, clusters], attention [rows, groups]. */
Tensor soft_assignment(Graph *g, Tensor logits, Tensor attention);

/*
 * Residuals to centres, weighed and summed over each video's frames and groups:
 * V_fk = sum_i w_ik (x_if - c_fk).
 *
 *   x [frames, groups, f], weights [frames, groups, K], centres [f, K]; gives [batch, f, K]
 */
Tensor aggregate(Graph *g, Tensor x, Tensor weights, Tensor centres);

/*
 * The same of x_ig = x_i E_g + b_g, where E_g and b_g are of each group: computed without x_ig,
 * which is less work where a video has many frames.
 *
 *   x [frames, N], weights [frames, groups, K], expansion E [groups, N, f], bias [groups, f],
 *   centres [f, K]; gives [batch, f, K]
 */
Tensor aggregate_expanded(Graph *g, Tensor x, Tensor weights, Tensor expansion, Tensor bias,
                          Tensor centres);

/* x [rows, f, K] with every column k of length 1. */
Tensor normalize_columns(Graph *g, Tensor x);

/*
 * Rows by their numbers: row i is row list[i] of x. No gradient. Used by the graph itself, where rows are
 * stored once and listed (graph_stored_rows).
 *
 *   x [stored, ...], list indices [rows, 1], each below the valid rows of x; gives [rows, ...]
 */
Tensor listed_rows(Graph *g, Tensor x, Tensor list);
extern const Op op_listed_rows;

/* ---- mixtures of models ---- */

/* sum_m gate_m member_m: gate [rows, count], members [rows, classes]; at most 15. */
Tensor mix_logits(Graph *g, Tensor gate, const Tensor members[], size_t count);

/*
 * Kullback-Leibler divergence of softmax(mixture / T) and softmax(member / T), whose gradient passes
 * through both: [rows, classes] each, gives [rows, 1].
 */
Tensor divergence(Graph *g, Tensor mixture, Tensor member, double temperature);

/* ---- heads ---- */

/*
 * Mixture of experts with a dummy that always answers 0: p_c = sum_k softmax(gates_c)_k
 * sigmoid(experts_ck).
 *
 *   gates [rows, classes, experts + 1], experts [rows, classes, experts]; gives [rows, classes]
 */
Tensor mix_experts(Graph *g, Tensor gates, Tensor experts);

/* ---- targets and losses; a loss is [rows, 1] ---- */

/*
 * Ragged labels as a dense matrix.
 *
 *   classes  indices [labels, 1], scores real [labels, 1]; labels belong to rows of the batch
 *   gives    [batch, class_count]: the score where a class is listed (the last one), else 0
 */
Tensor dense_targets(Graph *g, Tensor classes, Tensor scores, size_t class_count);

/* 1 where a class is listed, else 0: what a rating says anything about. Shapes as dense_targets. */
Tensor dense_mask(Graph *g, Tensor classes, size_t class_count);

/*
 * Binary cross entropy of logits, in the form that can't overflow: w (max(z, 0) + ln(1 + e^-|z|)) - z y,
 * summed over classes.
 *
 *   weights  [rows, classes] or NULL for 1. The targets y are weighed already: where a weight is 0, so
 *            is the target, and there is neither loss nor gradient. So the loss is linear in both, and
 *            a mixture of two samples' weights and targets has the mixture of their losses.
 */
Tensor logit_cross_entropy(Graph *g, Tensor logits, Tensor targets, Tensor weights);

/* The same of probabilities: -y ln(p + epsilon) - (w - y) ln(1 - p + epsilon). */
Tensor probability_cross_entropy(Graph *g, Tensor probabilities, Tensor targets, Tensor weights,
                                 double epsilon);

#endif
