/*
 * mix_experts: a mixture of experts for every class, with a dummy that always answers 0.
 *
 *   pi  = softmax over k = 0 .. M of g_ck        q_ck = sigmoid(e_ck), k < M; k = M is the dummy
 *   p_c = sum_(k < M) pi_ck q_ck
 *   dg_ck = dp_c pi_ck (q_ck - p_c), with q_cM = 0        de_ck = dp_c pi_ck q_ck (1 - q_ck)
 *
 *   g, dg  [rows, classes, M + 1]   e, de  [rows, classes, M]   p, dp  [rows, classes]
 *
 * Source: spec/models 3.2; Jordan and Jacobs as in the organisers' starter code.
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

/* A thread for each class of a row. */
__global__ void mix(Elements all, size_t M, const float *gates, const float *experts, float *pis,
                    float *qs, float *ps)
{
    FOR_ELEMENTS (i, all) {
        const float *g = gates + i * (M + 1), *e = experts + i * M;
        float *pi = pis + i * (M + 1), *q = qs + i * M, largest = g[0], sum = 0, p = 0;
        for (size_t k = 1; k <= M; k++)
            largest = fmaxf(largest, g[k]);
        for (size_t k = 0; k <= M; k++) {
            pi[k] = expf(g[k] - largest);
            sum += pi[k];
        }
        for (size_t k = 0; k <= M; k++)
            pi[k] /= sum;
        for (size_t k = 0; k < M; k++) {
            q[k] = sigmoid_of(e[k]);
            p += pi[k] * q[k];
        }
        ps[i] = p;
    }
}

__global__ void pass(Elements all, size_t M, const float *pis, const float *qs, const float *ps,
                     const float *dps, float *dgates, bool dg_adds, float *dexperts, bool de_adds)
{
    FOR_ELEMENTS (i, all) {
        const float *pi = pis + i * (M + 1), *q = qs + i * M;
        float p = ps[i], dp = dps[i];
        for (size_t k = 0; dgates && k <= M; k++)
            give(dgates + i * (M + 1) + k, dp * pi[k] * ((k < M ? q[k] : 0) - p), dg_adds);
        for (size_t k = 0; dexperts && k < M; k++)
            give(dexperts + i * M + k, dp * pi[k] * q[k] * (1 - q[k]), de_adds);
    }
}

enum { GATES, EXPERTS };

void forward(const OpRun *run)
{
    LAUNCH_ELEMENTS(mix, run, &run->output, run->input[EXPERTS].shape.axes[1],
                    run->input[GATES].data, run->input[EXPERTS].data, run->kept[0], run->kept[1],
                    run->output.data);
}

void backward(const OpRun *run)
{
    LAUNCH_ELEMENTS(pass, run, &run->output, run->input[EXPERTS].shape.axes[1], run->kept[0],
                    run->kept[1], run->output.data, run->output.gradient,
                    run->input[GATES].gradient, run->accumulate[GATES],
                    run->input[EXPERTS].gradient, run->accumulate[EXPERTS]);
}

} // namespace

extern const CudaOp cuda_op_mix_experts = { "mix_experts", forward, backward };
