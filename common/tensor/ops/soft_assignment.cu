/*
 * soft_assignment: frames assigned softly to clusters, in groups, times the attention of each group.
 * Replaces softmax, sigmoid and their product.
 *
 *   s_k  = e^(l_k - m) / sum_j e^(l_j - m)      m = max_k l_k
 *   a    = 1 / (1 + e^-b)                       w_k = a s_k
 *   dl_k = w_k (dw_k - <dw, s>)                 db = a (1 - a) <dw, s>
 *
 * Backward has s from w by 1 / a = 1 + e^-b, which is kept: it stays finite where a underflows.
 *
 *   l, w, dl, dw  [rows, groups, clusters]   b, db  [rows, groups]   1 / a  [rows, groups], kept
 *
 * Source: spec/models 5.1, steps 2, 4 and 5.
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

template <int T>
__global__ void assign(Vectors all, const float *logits, const float *attention, float *weights,
                       float *kept)
{
    FOR_VECTORS (i, T, all) {
        const float *l = logits + i * all.width;
        float *w = weights + i * all.width, largest = l[0], sum = 0;
        float inverse = 1 + expf(-attention[i]);
        FOR_LANE (k, T, all.width)
            largest = fmaxf(largest, l[k]);
        largest = team_largest<T>(largest);
        FOR_LANE (k, T, all.width) {
            w[k] = expf(l[k] - largest);
            sum += w[k];
        }
        float scale = 1 / team_sum<T>(sum) / inverse;
        FOR_LANE (k, T, all.width)
            w[k] *= scale;
        if (team_lane<T>() == 0)
            kept[i] = inverse;
    }
}

/* dl or db is NULL where it is not wanted. */
template <int T>
__global__ void pass(Vectors all, const float *weights, const float *dweights, const float *kept,
                     float *dlogits, bool dl_adds, float *db, bool db_adds)
{
    FOR_VECTORS (i, T, all) {
        const float *w = weights + i * all.width, *dw = dweights + i * all.width;
        float inverse = kept[i], along = 0;
        FOR_LANE (k, T, all.width)
            along += dw[k] * w[k];
        along = team_sum<T>(along); // a <dw, s>
        float mean = inverse * along;
        if (dlogits)
            FOR_LANE (k, T, all.width)
                give(dlogits + i * all.width + k, w[k] * (dw[k] - mean), dl_adds);
        if (db && team_lane<T>() == 0)
            give(db + i, along * (1 - 1 / inverse), db_adds);
    }
}

enum { LOGITS, ATTENTION };

void forward(const OpRun *run)
{
    LAUNCH_VECTORS(assign, run, &run->output, run->output.shape.axes[1], run->input[LOGITS].data,
                   run->input[ATTENTION].data, run->output.data, run->kept[0]);
}

void backward(const OpRun *run)
{
    LAUNCH_VECTORS(pass, run, &run->output, run->output.shape.axes[1], run->output.data,
                   run->output.gradient, run->kept[0], run->input[LOGITS].gradient,
                   run->accumulate[LOGITS], run->input[ATTENTION].gradient,
                   run->accumulate[ATTENTION]);
}

} // namespace

extern const CudaOp cuda_op_soft_assignment = { "soft_assignment", forward, backward };
