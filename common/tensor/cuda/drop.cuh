/*
 * Dropout's draws on the device: those of common/tensor/cpu/drop.h.
 */
#ifndef PODIUM_TENSOR_CUDA_DROP_CUH
#define PODIUM_TENSOR_CUDA_DROP_CUH

#include "common/tensor/cuda/philox.cuh"

#define DROP_DRAWS 8 // elements that one block of Philox decides

struct Drop {
    PhiloxKey key;
    const uint64_t *step;
    const uint32_t *first_row; // of the whole batch, of which the rows may be a part
    uint64_t draws_of_row;
    uint32_t threshold; // 0: nothing is dropped
    float scale;

    /* The number of the part's first element. */
    __device__ uint64_t begin() const
    {
        return *first_row * draws_of_row;
    }

    /* The draws of elements DROP_DRAWS block and up. */
    __device__ PhiloxWords draw(uint64_t block) const
    {
        return philox_words(key, *step, block);
    }

    /* The factor of the i-th of them. */
    __device__ float factor(const PhiloxWords &words, unsigned i) const
    {
        uint32_t draw = i % 2 ? words.word[i / 2] >> 16 : words.word[i / 2] & 0xffff;
        return draw >= threshold ? scale : 0;
    }

    /* The factor of one element of the part alone. */
    __device__ float factor(uint64_t element) const
    {
        if (!threshold)
            return 1;
        element += begin();
        return factor(draw(element / DROP_DRAWS), (unsigned)(element % DROP_DRAWS));
    }
};

static inline Drop drop_of(const OpRun *run, double rate, uint64_t draws_of_row)
{
    uint32_t threshold = run->training ? (uint32_t)(rate * 65536 + 0.5) : 0;
    return Drop{ run->key,     run->step_at, run->output.first_at,
                 draws_of_row, threshold,    (float)(65536.0 / (65536.0 - threshold)) };
}

#endif
