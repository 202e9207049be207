/*
 * Numbers as tensor cores read them: rounded to the nearest that has fewer bits of mantissa.
 */
#ifndef PODIUM_TENSOR_CUDA_ROUND_CUH
#define PODIUM_TENSOR_CUDA_ROUND_CUH

#include <cstdint>
#include <cuda_runtime.h>

/* bfloat16, 7 bits; ties to even; a NaN stays one. */
static __device__ inline uint16_t bfloat16_of(float x)
{
    uint32_t bits = __float_as_uint(x);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return (uint16_t)(bits >> 16 | 0x40u);
    return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

/* tf32, 10 bits; ties away from 0. */
static __device__ inline float tf32_of(float x)
{
    uint32_t bits = __float_as_uint(x);
    bool finite = (bits & 0x7f800000u) != 0x7f800000u;
    return finite ? __uint_as_float((bits + 0x1000u) & 0xffffe000u) : x;
}

#endif
