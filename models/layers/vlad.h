/*
 * The parts of models that sum frames over clusters: soft assignment, residuals, descriptor.
 * Source: Arandjelovic et al. 2016; Miech, Laptev and Sivic 2017; spec/models 5.2, 6 and 7.
 */
#ifndef PODIUM_MODELS_LAYERS_VLAD_H
#define PODIUM_MODELS_LAYERS_VLAD_H

#include "common/tensor/ops.h"

/*
 * How much each frame belongs to each of K clusters: softmax(BN(x W)), x [frames, F] gives [frames, K].
 * NAME/weights, NAME/normalization.
 */
Tensor assign_frames(Graph *g, const char *name, Tensor x, size_t K, BatchNorm normalization);

/*
 * Residuals to the clusters' centres, weighed by s [frames, K] and summed over each video's frames:
 * V_fk = sum_t s_tk (x_tf - c_fk). Gives [batch, F, K]. Parameter NAME.
 */
Tensor sum_residuals(Graph *g, const char *name, Tensor x, Tensor s);

/* V [batch, F, K] as a vector of unit length, each cluster's part as long as any: [batch, F K]. */
Tensor describe_residuals(Graph *g, Tensor V);

#endif
