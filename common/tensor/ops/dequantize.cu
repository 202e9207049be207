/*
 * dequantize: some columns of stored bytes as numbers, scaled to the unit length of the whole row where
 * that is asked for. Replaces a map of every byte, l2_normalize and columns: a byte is read, a number
 * written.
 *
 *   x_j = scale q_j + offset                    in one rounded product and one rounded sum
 *   y_j = x_(begin + j) / s                     s = 1, or sqrt(max(sum_j x_j^2, TINY)) over all columns
 *
 * (spec/data-and-metrics 3.5, spec/models 1.1 and 1.3.) The sum of squares comes from the sums of q and
 * of q^2, which are whole numbers: scale^2 sum q^2 + 2 scale offset sum q + width offset^2.
 *
 *   q  bytes [rows, all]   y  [rows, width]
 */
#include "common/tensor/cuda/kernel.cuh"

#define TINY 1e-12 // l2_normalize's

namespace
{

/* A warp for each row: the sums of q and of q^2, which are whole numbers, decide the length. */
__global__ void numbers(Vectors rows, const uint8_t *bytes, Dequantization how, float *ys)
{
    float scale = (float)how.scale, offset = (float)how.offset;
    FOR_VECTORS (row, WARP, rows) {
        const uint8_t *q = bytes + row * rows.width;
        float *y = ys + row * how.width, inverse = 1;
        if (how.unit_length) {
            unsigned long long sum = 0, squares = 0;
            FOR_LANE (j, WARP, rows.width) {
                sum += q[j];
                squares += (unsigned)q[j] * q[j];
            }
            sum = team_sum<WARP>(sum);
            squares = team_sum<WARP>(squares);
            double length = how.scale * how.scale * (double)squares
                + 2 * how.scale * how.offset * (double)sum
                + (double)rows.width * how.offset * how.offset;
            inverse = (float)(1 / sqrt(length > TINY ? length : TINY));
        }
        FOR_LANE (j, WARP, how.width)
            y[j] = ((float)q[how.begin + j] * scale + offset) * inverse;
    }
}

void forward(const OpRun *run)
{
    const OpTensor *q = &run->input[0];
    const Dequantization *how = (const Dequantization *)run->attributes;
    Vectors rows = { q->count, 1, q->width };
    LAUNCH(numbers, cuda_blocks(cuda_divide_up(q->rows, BLOCK / WARP)), BLOCK, run, rows, q->bytes,
           *how, run->output.data);
}

} // namespace

extern const CudaOp cuda_op_dequantize = { "dequantize", forward, nullptr };
