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

/* x W + b: x [rows, ..., in], weights [in, out], bias [out] or NULL; gives [rows, ..., out]. */
Tensor affine(Graph *g, Tensor x, Tensor weights, Tensor bias);

/* ---- element by element ---- */

Tensor add(Graph *g, Tensor x, Tensor y);            // x + y, of equal shapes
Tensor multiply(Graph *g, Tensor x, Tensor y);       // x y, of equal shapes
Tensor sigmoid(Graph *g, Tensor x);                  // 1 / (1 + e^-x)
Tensor relu(Graph *g, Tensor x);                     // max(x, 0)
Tensor leaky_relu(Graph *g, Tensor x, double slope); // x, or slope x where x < 0

/* Inverted dropout: each element is 0 with probability `rate`, else x / (1 - rate); x outside
 * training. Draws are keyed by the scope and `name`. */
Tensor dropout(Graph *g, const char *name, Tensor x, double rate);

/* scale q + offset for bytes q, in one rounded product and one rounded sum. */
Tensor dequantize(Graph *g, Tensor bytes, double scale, double offset);

/* ---- the last axis ---- */

Tensor softmax(Graph *g, Tensor x);
Tensor l2_normalize(Graph *g, Tensor x);                        // x / sqrt(max(sum x^2, 1e-12))
Tensor columns(Graph *g, Tensor x, size_t begin, size_t width); // x[..., begin : begin + width]
Tensor concatenate(Graph *g, const Tensor parts[], size_t count);

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
 * Binary cross entropy of logits, in the form that can't overflow: max(z, 0) - z y + ln(1 +
 * e^-|z|), summed over classes. mask [rows, classes] or NULL: what is 0 there gives no loss and no
 * gradient.
 */
Tensor logit_cross_entropy(Graph *g, Tensor logits, Tensor targets, Tensor mask);

/* The same of probabilities: -y ln(p + epsilon) - (1 - y) ln(1 - p + epsilon). */
Tensor probability_cross_entropy(Graph *g, Tensor probabilities, Tensor targets, Tensor mask,
                                 double epsilon);

#endif
