/*
 * logit_cross_entropy: binary cross entropy of logits, summed over classes.
 *
 *   L  = sum_c w_c (max(z_c, 0) + ln(1 + e^-|z_c|)) - z_c y_c
 *   dz = dL (w sigmoid(z) - y)
 *
 *   z, y, w, dz  [rows, classes]   L, dL  [rows, 1]   w is 1 where there are no weights
 *
 * Source: spec/models 4.1, 4.2 and 15.1.
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

template <int T>
__global__ void measure(Vectors rows, const float *zs, const float *targets, const float *weights,
                        float *losses)
{
    FOR_VECTORS (row, T, rows) {
        const float *z = zs + row * rows.width, *y = targets + row * rows.width;
        const float *w = weights ? weights + row * rows.width : nullptr;
        float sum = 0;
        FOR_LANE (c, T, rows.width)
            sum += (w ? w[c] : 1) * softplus_of(z[c]) - z[c] * y[c];
        sum = team_sum<T>(sum);
        if (team_lane<T>() == 0)
            losses[row] = sum;
    }
}

__global__ void pass(Elements all, const float *zs, const float *targets, const float *weights,
                     const float *dlosses, float *dzs, bool adds)
{
    FOR_ROWS (row, all)
        FOR_COLUMNS (c, all.width) {
            size_t i = row * all.width + c;
            float z = zs[i], y = targets[i], w = weights ? weights[i] : 1;
            give(dzs + i, dlosses[row] * (w * sigmoid_of(z) - y), adds);
        }
}

enum { LOGITS, TARGETS, WEIGHTS };

void forward(const OpRun *run)
{
    const OpTensor *z = &run->input[LOGITS];
    LAUNCH_VECTORS(measure, run, z, z->width, z->data, run->input[TARGETS].data,
                   run->input[WEIGHTS].data, run->output.data);
}

void backward(const OpRun *run)
{
    const OpTensor *z = &run->input[LOGITS];
    if (z->gradient)
        LAUNCH_ROWS(pass, run, z, z->data, run->input[TARGETS].data, run->input[WEIGHTS].data,
                    run->output.gradient, z->gradient, run->accumulate[LOGITS]);
}

} // namespace

extern const CudaOp cuda_op_logit_cross_entropy = { "logit_cross_entropy", forward, backward };
