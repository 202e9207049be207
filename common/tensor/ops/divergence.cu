/*
 * divergence: how far a member's distribution over classes is from the mixture's (Kullback-Leibler),
 * both softened by a temperature.
 *
 *   p = softmax(z / T)        q = softmax(y / T)        u = ln(p + e) - ln(q + e),  e = 1e-8
 *   L = sum_c p_c u_c
 *   dz = dL p (g - <p, g>) / T        g = u + p / (p + e)
 *   dy = dL q (h - <q, h>) / T        h = -p / (q + e)
 *
 *   z, y, dz, dy  [rows, classes]: the mixture's and the member's logits   L, dL  [rows, 1]
 *   p, q  [rows, classes], kept   g or h  [rows, classes], scratch
 *
 * Source: spec/models 9.1 and 9.2; gradients pass through both sides, as in the released code.
 */
#include "common/tensor/cuda/kernel.cuh"

#define EPSILON 1e-8f // of the released code: a probability that underflowed has a logarithm

namespace
{

template <int T> __device__ void soften(const float *z, float *p, size_t classes, float scale)
{
    float largest = z[0], sum = 0;
    FOR_LANE (c, T, classes)
        largest = fmaxf(largest, z[c]);
    largest = team_largest<T>(largest);
    FOR_LANE (c, T, classes) {
        p[c] = expf((z[c] - largest) * scale);
        sum += p[c];
    }
    float share = 1 / team_sum<T>(sum);
    FOR_LANE (c, T, classes)
        p[c] *= share;
}

template <int T>
__global__ void measure(Vectors rows, const float *zs, const float *ys, float *ps, float *qs,
                        float *losses, float scale)
{
    FOR_VECTORS (row, T, rows) {
        size_t at = row * rows.width;
        float sum = 0;
        soften<T>(zs + at, ps + at, rows.width, scale);
        soften<T>(ys + at, qs + at, rows.width, scale);
        FOR_LANE (c, T, rows.width) // each lane reads what it wrote
            sum += ps[at + c] * (logf(ps[at + c] + EPSILON) - logf(qs[at + c] + EPSILON));
        sum = team_sum<T>(sum);
        if (team_lane<T>() == 0)
            losses[row] = sum;
    }
}

static __device__ float slope_of_mixture(float p, float q) // g
{
    return logf(p + EPSILON) - logf(q + EPSILON) + p / (p + EPSILON);
}

static __device__ float slope_of_member(float p, float q) // h
{
    return -p / (q + EPSILON);
}

/* dz += factor p (g - <p, g>), and the same of dy with q and h: the Jacobian of softmax. */
template <int T>
__global__ void pass(Vectors rows, const float *ps, const float *qs, const float *dlosses,
                     float *dzs, bool dz_adds, float *dys, bool dy_adds, float scale)
{
    FOR_VECTORS (row, T, rows) {
        const float *p = ps + row * rows.width, *q = qs + row * rows.width;
        float factor = dlosses[row] * scale, along_p = 0, along_q = 0;
        FOR_LANE (c, T, rows.width) {
            along_p += p[c] * slope_of_mixture(p[c], q[c]);
            along_q += q[c] * slope_of_member(p[c], q[c]);
        }
        along_p = team_sum<T>(along_p);
        along_q = team_sum<T>(along_q);
        FOR_LANE (c, T, rows.width) {
            size_t i = row * rows.width + c;
            if (dzs)
                give(dzs + i, factor * p[c] * (slope_of_mixture(p[c], q[c]) - along_p), dz_adds);
            if (dys)
                give(dys + i, factor * q[c] * (slope_of_member(p[c], q[c]) - along_q), dy_adds);
        }
    }
}

enum { MIXTURE, MEMBER };

void forward(const OpRun *run)
{
    const OpTensor *z = &run->input[MIXTURE];
    float scale = (float)(1 / *(const double *)run->attributes);
    LAUNCH_VECTORS(measure, run, z, z->width, z->data, run->input[MEMBER].data, run->kept[MIXTURE],
                   run->kept[MEMBER], run->output.data, scale);
}

void backward(const OpRun *run)
{
    const OpTensor *z = &run->input[MIXTURE], *y = &run->input[MEMBER];
    float scale = (float)(1 / *(const double *)run->attributes);
    LAUNCH_VECTORS(pass, run, z, z->width, run->kept[MIXTURE], run->kept[MEMBER],
                   run->output.gradient, z->gradient, run->accumulate[MIXTURE], y->gradient,
                   run->accumulate[MEMBER], scale);
}

} // namespace

extern const CudaOp cuda_op_divergence = { "divergence", forward, backward };
