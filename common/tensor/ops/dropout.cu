/*
 * dropout: inverted dropout.
 *
 *   y_i  = x_i / (1 - rate) where u_i >= rate, else 0        dx_i = the same of dy_i
 *
 * How u_i is drawn says cpu/drop.h: any piece alone, again in backward instead of being kept. Elements
 * are counted over the whole batch, of which the rows may be a part.
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/drop.cuh"

namespace
{

/* to_i = (adds: to_i +) factor_i from_i; a thread decides DROP_DRAWS elements, which begin at a multiple. */
__global__ void apply(Elements all, Drop drop, const float *from, float *to, bool adds)
{
    size_t begin = drop.begin(), end = begin + all.all(), stride = (size_t)gridDim.x * blockDim.x;
    for (size_t block = begin / DROP_DRAWS + (size_t)blockIdx.x * blockDim.x + threadIdx.x;
         block * DROP_DRAWS < end; block += stride) {
        PhiloxWords words = drop.draw(block);
        for (unsigned i = 0; i < DROP_DRAWS; i++) {
            size_t at = block * DROP_DRAWS + i;
            if (at >= begin && at < end)
                give(to + (at - begin), drop.factor(words, i) * from[at - begin], adds);
        }
    }
}

void launch(const OpRun *run, const float *from, float *to, bool adds)
{
    size_t most = run->output.rows * run->output.width;
    Drop drop = drop_of(run, *(const double *)run->attributes, run->output.width);
    LAUNCH(apply, cuda_blocks(cuda_divide_up(most, DROP_DRAWS * BLOCK)), BLOCK, run,
           elements_of(&run->output), drop, from, to, adds);
}

void forward(const OpRun *run)
{
    launch(run, run->input[0].data, run->output.data, false);
}

void backward(const OpRun *run)
{
    launch(run, run->output.gradient, run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_dropout = { "dropout", forward, backward };
