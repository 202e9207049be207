/*
 * probability_cross_entropy: binary cross entropy of probabilities, summed over classes.
 *
 *   L  = -sum_c y_c ln(p_c + epsilon) + (w_c - y_c) ln(1 - p_c + epsilon)
 *   dp = dL ((w - y) / (1 - p + epsilon) - y / (p + epsilon))
 *
 *   p, y, w, dp  [rows, classes]   L, dL  [rows, 1]   w is 1 where there are no weights
 *
 * Source: spec/data-and-metrics 6.4, spec/models 4.1, 4.2 and 15.1.
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

template <int T>
__global__ void measure(Vectors rows, const float *ps, const float *targets, const float *weights,
                        float *losses, float epsilon)
{
    FOR_VECTORS (row, T, rows) {
        const float *p = ps + row * rows.width, *y = targets + row * rows.width;
        const float *w = weights ? weights + row * rows.width : nullptr;
        float sum = 0;
        FOR_LANE (c, T, rows.width)
            sum +=
                -y[c] * logf(p[c] + epsilon) - ((w ? w[c] : 1) - y[c]) * logf(1 - p[c] + epsilon);
        sum = team_sum<T>(sum);
        if (team_lane<T>() == 0)
            losses[row] = sum;
    }
}

__global__ void pass(Elements all, const float *ps, const float *targets, const float *weights,
                     const float *dlosses, float *dps, bool adds, float epsilon)
{
    FOR_ROWS (row, all)
        FOR_COLUMNS (c, all.width) {
            size_t i = row * all.width + c;
            float p = ps[i], y = targets[i], w = weights ? weights[i] : 1;
            give(dps + i, dlosses[row] * ((w - y) / (1 - p + epsilon) - y / (p + epsilon)), adds);
        }
}

enum { PROBABILITIES, TARGETS, WEIGHTS };

void forward(const OpRun *run)
{
    float epsilon = (float)*(const double *)run->attributes;
    const OpTensor *p = &run->input[PROBABILITIES];
    LAUNCH_VECTORS(measure, run, p, p->width, p->data, run->input[TARGETS].data,
                   run->input[WEIGHTS].data, run->output.data, epsilon);
}

void backward(const OpRun *run)
{
    float epsilon = (float)*(const double *)run->attributes;
    const OpTensor *p = &run->input[PROBABILITIES];
    if (p->gradient)
        LAUNCH_ROWS(pass, run, p, p->data, run->input[TARGETS].data, run->input[WEIGHTS].data,
                    run->output.gradient, p->gradient, run->accumulate[PROBABILITIES], epsilon);
}

} // namespace

extern const CudaOp cuda_op_probability_cross_entropy = { "probability_cross_entropy", forward,
                                                          backward };
