/*
 * dropout: inverted dropout.
 *
 *   y_i  = x_i / (1 - rate) where u_i >= rate, else 0        dx_i = the same of dy_i
 *
 * u_i has 16 random bits of Philox under the key (seed, name) at counter (step, i / 8), so that any
 * piece can be computed alone, again in backward instead of being kept, and the same on any device: of
 * the block's four words, u_i is half i mod 8 (the low half of each word first). The rate is rounded to
 * a multiple of 2^-16. Elements are counted over the whole batch, of which the rows may be a part.
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/kernel.cuh"
#include "common/tensor/cuda/philox.cuh"

#define DRAWS 8 // elements that one block of Philox decides

namespace
{

struct Chances {
    PhiloxKey key;
    const uint64_t *step;
    uint32_t threshold;
    float scale;
};

/* to_i = (adds: to_i +) factor_i from_i; a thread decides DRAWS elements, which begin at a multiple. */
__global__ void drop(Elements all, Chances chances, const uint32_t *first_row, const float *from,
                     float *to, bool adds)
{
    size_t begin = *first_row * all.width, end = begin + all.all();
    size_t stride = (size_t)gridDim.x * blockDim.x;
    for (size_t block = begin / DRAWS + (size_t)blockIdx.x * blockDim.x + threadIdx.x;
         block * DRAWS < end; block += stride) {
        PhiloxWords words = philox_words(chances.key, *chances.step, block);
        for (unsigned i = 0; i < DRAWS; i++) {
            size_t element = block * DRAWS + i;
            uint32_t draw = i % 2 ? words.word[i / 2] >> 16 : words.word[i / 2] & 0xffff;
            float factor = draw >= chances.threshold ? chances.scale : 0;
            if (element >= begin && element < end)
                give(to + (element - begin), factor * from[element - begin], adds);
        }
    }
}

void launch(const OpRun *run, const float *from, float *to, bool adds)
{
    double rate = *(const double *)run->attributes;
    uint32_t threshold = (uint32_t)(rate * 65536 + 0.5);
    Chances chances = { run->key, run->step_at, threshold,
                        (float)(65536.0 / (65536.0 - threshold)) };
    size_t most = run->output.rows * run->output.width;
    LAUNCH(drop, cuda_blocks(cuda_divide_up(most, DRAWS * BLOCK)), BLOCK, run,
           elements_of(&run->output), chances, run->output.first_at, from, to, adds);
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
