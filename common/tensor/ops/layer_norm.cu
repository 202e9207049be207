/*
 * layer_norm: every row normalised over its own elements; what is added to it before, and dropped from,
 * in the same pass. Replaces dropout, add and a plain layer_norm.
 *
 *   s  = x + d u        d: the factors of dropout; without u, s = x
 *   m  = mean of s      i = 1 / sqrt(mean of (s - m)^2 + epsilon)      both over the row
 *   n  = (s - m) i      y = scale n + shift
 *   t  = scale dy       ds = i (t - mean of t - n mean of t n)
 *   dx = ds             du = d ds
 *   dscale = sum over rows of dy n        dshift = sum over rows of dy
 *
 *   x, u, y, dx, du, dy  [rows, ...]   scale, shift  [elements of a row]
 *   n  [rows, ...], i  [rows, 1]: kept
 *
 * Elements are drawn (cpu/drop.h) by their number in the whole batch, of which the rows may be a part.
 *
 * Source: Ba, Kiros and Hinton 2016; spec/models 2.2 and 10.2.
 */
#include "common/tensor/cuda/columns.cuh"
#include "common/tensor/cuda/drop.cuh"

namespace
{

enum { X, ADDED, SCALE, SHIFT };
enum { NORMALIZED, INVERSE }; // kept

template <int T>
__global__ void normalize(Vectors all, Drop drop, const float *xs, const float *us,
                          const float *scale, const float *shift, float epsilon, float *ns,
                          float *inverses, float *ys)
{
    FOR_VECTORS (i, T, all) {
        size_t first = i * all.width;
        float *n = ns + first, sum = 0, square = 0;
        FOR_LANE (j, T, all.width) {
            n[j] = xs[first + j] + (us ? drop.factor(first + j) * us[first + j] : 0);
            sum += n[j];
        }
        float mean = team_sum<T>(sum) / (float)all.width;
        FOR_LANE (j, T, all.width)
            square += (n[j] - mean) * (n[j] - mean);
        float inverse = 1 / sqrtf(team_sum<T>(square) / (float)all.width + epsilon);
        if (team_lane<T>() == 0)
            inverses[i] = inverse;
        FOR_LANE (j, T, all.width) {
            n[j] = (n[j] - mean) * inverse;
            ys[first + j] = scale[j] * n[j] + shift[j];
        }
    }
}

void forward(const OpRun *run)
{
    const LayerNorm *settings = (const LayerNorm *)run->attributes;
    const OpTensor *x = &run->input[X];
    LAUNCH_VECTORS(normalize, run, x, x->width, drop_of(run, settings->rate, x->width), x->data,
                   run->input[ADDED].data, run->input[SCALE].data, run->input[SHIFT].data,
                   (float)settings->epsilon, run->kept[NORMALIZED], run->kept[INVERSE],
                   run->output.data);
}

/* What ds is given to; NULL where it isn't wanted. */
struct Parts {
    float *dx, *du;
    bool dx_adds, du_adds;
};

template <int T>
__global__ void pass(Vectors all, Drop drop, const float *ns, const float *inverses,
                     const float *scale, const float *dys, Parts parts)
{
    FOR_VECTORS (i, T, all) {
        size_t first = i * all.width;
        const float *n = ns + first, *dy = dys + first;
        Pair sums = { 0, 0 };
        FOR_LANE (j, T, all.width) {
            sums.first += scale[j] * dy[j];
            sums.second += scale[j] * dy[j] * n[j];
        }
        float mean = team_sum<T>(sums.first) / (float)all.width;
        float along = team_sum<T>(sums.second) / (float)all.width;
        FOR_LANE (j, T, all.width) {
            float ds = inverses[i] * (scale[j] * dy[j] - mean - n[j] * along);
            if (parts.dx)
                give(parts.dx + first + j, ds, parts.dx_adds);
            if (parts.du)
                give(parts.du + first + j, drop.factor(first + j) * ds, parts.du_adds);
        }
    }
}

struct Slopes {
    const float *n, *dy;
    size_t width;

    __device__ Pair operator()(size_t row, size_t column) const
    {
        float d = dy[row * width + column];
        return Pair{ d * n[row * width + column], d };
    }
};

struct GiveSlopes {
    float *dscale, *dshift; // NULL where not wanted
    bool dscale_adds, dshift_adds;

    __device__ void operator()(size_t column, Pair slopes) const
    {
        if (dscale)
            give(dscale + column, slopes.first, dscale_adds);
        if (dshift)
            give(dshift + column, slopes.second, dshift_adds);
    }
};

void backward(const OpRun *run)
{
    const LayerNorm *settings = (const LayerNorm *)run->attributes;
    const OpTensor *x = &run->input[X], *u = &run->input[ADDED];
    const OpTensor *scale = &run->input[SCALE], *shift = &run->input[SHIFT];
    Parts parts = { x->gradient, u->gradient, run->accumulate[X], run->accumulate[ADDED] };
    if (parts.dx || parts.du)
        LAUNCH_VECTORS(pass, run, x, x->width, drop_of(run, settings->rate, x->width),
                       run->kept[NORMALIZED], run->kept[INVERSE], scale->data, run->output.gradient,
                       parts);
    sum_columns(run, rows_to_sum(x, 1), x->width,
                Slopes{ run->kept[NORMALIZED], run->output.gradient, x->width },
                GiveSlopes{ scale->gradient, shift->gradient, run->accumulate[SCALE],
                            run->accumulate[SHIFT] });
}

size_t workspace_bytes(const OpRun *run)
{
    return column_workspace(run->input[X].rows, run->input[X].width);
}

} // namespace

extern const CudaOp cuda_op_layer_norm = { "layer_norm", forward, backward, workspace_bytes };
