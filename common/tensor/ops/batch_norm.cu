/*
 * batch_norm: every element of a row normalised over the valid rows of the batch.
 *
 *   m   = mean over rows of x        v = mean over rows of (x - m)^2        i = 1 / sqrt(v +
 * epsilon) y   = scale (x - m) i + shift dshift = sum over rows of dy     dscale = sum over rows of
 * dy (x - m) i dx  = scale i (dy - dshift / n - (x - m) i dscale / n)
 *
 * In training the moving averages become (1 - momentum) old + momentum new; outside training they
 * stand for m and v.
 *
 *   x, y, dx, dy  [rows, ...]   all others  [elements of a row]; m and i are kept
 */
#include "common/tensor/cuda/columns.cuh"

namespace
{

enum { X, SCALE, SHIFT, MOVING_MEAN, MOVING_VARIANCE };
enum { MEAN, INVERSE };       // kept
enum { SUM, SUM_NORMALIZED }; // scratch: dshift and dscale of this op alone

struct Value {
    const float *x;
    size_t width;

    __device__ Pair operator()(size_t row, size_t column) const
    {
        return Pair{ x[row * width + column], 0 };
    }
};

struct KeepMean {
    const uint32_t *count;
    float *mean;

    __device__ void operator()(size_t column, Pair sum) const
    {
        mean[column] = *count ? sum.first / (float)*count : 0;
    }
};

struct Square {
    const float *x, *mean;
    size_t width;

    __device__ Pair operator()(size_t row, size_t column) const
    {
        float difference = x[row * width + column] - mean[column];
        return Pair{ difference * difference, 0 };
    }
};

struct KeepInverse {
    const uint32_t *count;
    const float *mean;
    float *inverse, *moving_mean, *moving_variance;
    float epsilon, momentum;
    bool unbiased;

    __device__ void operator()(size_t column, Pair sum) const
    {
        uint32_t rows = *count;
        float variance = rows ? sum.first / (float)rows : 0;
        inverse[column] = 1 / sqrtf(variance + epsilon);
        if (rows == 0)
            return;
        if (unbiased && rows > 1)
            variance *= (float)rows / (float)(rows - 1);
        moving_mean[column] += momentum * (mean[column] - moving_mean[column]);
        moving_variance[column] += momentum * (variance - moving_variance[column]);
    }
};

void batch_moments(const OpRun *run)
{
    const BatchNorm *settings = (const BatchNorm *)run->attributes;
    const OpTensor *x = &run->input[X];
    SumRows rows = rows_to_sum(x, 1);
    float *mean = run->kept[MEAN];
    sum_columns(run, rows, x->width, Value{ x->data, x->width }, KeepMean{ x->count, mean });
    sum_columns(run, rows, x->width, Square{ x->data, mean, x->width },
                KeepInverse{ x->count, mean, run->kept[INVERSE], run->input[MOVING_MEAN].data,
                             run->input[MOVING_VARIANCE].data, (float)settings->epsilon,
                             (float)settings->momentum, settings->unbiased_variance });
}

__global__ void moving_moments(size_t width, const float *moving_mean, const float *moving_variance,
                               float epsilon, float *mean, float *inverse)
{
    size_t j = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (j >= width)
        return;
    mean[j] = moving_mean[j];
    inverse[j] = 1 / sqrtf(moving_variance[j] + epsilon);
}

__global__ void normalize(Elements all, const float *x, const float *mean, const float *inverse,
                          const float *scale, const float *shift, float *y)
{
    FOR_ROWS (row, all)
        FOR_COLUMNS (j, all.width) {
            size_t i = row * all.width + j;
            y[i] = (x[i] - mean[j]) * (inverse[j] * scale[j]) + shift[j];
        }
}

void forward(const OpRun *run)
{
    const BatchNorm *settings = (const BatchNorm *)run->attributes;
    const OpTensor *x = &run->input[X];
    if (run->training)
        batch_moments(run);
    else
        LAUNCH(moving_moments, (unsigned)cuda_divide_up(x->width, BLOCK), BLOCK, run, x->width,
               run->input[MOVING_MEAN].data, run->input[MOVING_VARIANCE].data,
               (float)settings->epsilon, run->kept[MEAN], run->kept[INVERSE]);
    LAUNCH_ROWS(normalize, run, x, x->data, run->kept[MEAN], run->kept[INVERSE],
                run->input[SCALE].data, run->input[SHIFT].data, run->output.data);
}

/* The two sums over rows that every gradient needs. */
struct Slopes {
    const float *x, *dy, *mean, *inverse;
    size_t width;

    __device__ Pair operator()(size_t row, size_t column) const
    {
        float d = dy[row * width + column];
        return Pair{ d, d * (x[row * width + column] - mean[column]) * inverse[column] };
    }
};

struct GiveSlopes {
    float *sum, *normalized, *dshift, *dscale; // dshift, dscale: NULL where not wanted
    bool dshift_adds, dscale_adds;

    __device__ void operator()(size_t column, Pair slopes) const
    {
        sum[column] = slopes.first;
        normalized[column] = slopes.second;
        if (dshift)
            give(dshift + column, slopes.first, dshift_adds);
        if (dscale)
            give(dscale + column, slopes.second, dscale_adds);
    }
};

__global__ void pass(Elements all, const float *x, const float *dy, const float *mean,
                     const float *inverse, const float *scale, const float *sum,
                     const float *normalized, float *dx, bool adds)
{
    float share = 1 / (float)*all.count;
    FOR_ROWS (row, all)
        FOR_COLUMNS (j, all.width) {
            size_t i = row * all.width + j;
            float along = (x[i] - mean[j]) * inverse[j] * (normalized[j] * share);
            give(dx + i, scale[j] * inverse[j] * (dy[i] - sum[j] * share - along), adds);
        }
}

void backward(const OpRun *run)
{
    const OpTensor *x = &run->input[X];
    const float *mean = run->kept[MEAN], *inverse = run->kept[INVERSE], *dy = run->output.gradient;
    sum_columns(run, rows_to_sum(x, 1), x->width, Slopes{ x->data, dy, mean, inverse, x->width },
                GiveSlopes{ run->scratch[SUM], run->scratch[SUM_NORMALIZED],
                            run->input[SHIFT].gradient, run->input[SCALE].gradient,
                            run->accumulate[SHIFT], run->accumulate[SCALE] });
    if (x->gradient)
        LAUNCH_ROWS(pass, run, x, x->data, dy, mean, inverse, run->input[SCALE].data,
                    run->scratch[SUM], run->scratch[SUM_NORMALIZED], x->gradient,
                    run->accumulate[X]);
}

size_t workspace_bytes(const OpRun *run)
{
    return column_workspace(run->input[X].rows, run->input[X].width);
}

} // namespace

extern const CudaOp cuda_op_batch_norm = { "batch_norm", forward, backward, workspace_bytes };
