/*
 * The tensor cores of Ampere and later, as the 32 lanes of a warp use them together.
 *
 * A word is one number in tf32, or two neighbours along the inner axis in bfloat16. Lane 4 g + t (g from
 * 0 to 7, t from 0 to 3) has of
 *
 *   A [16, 8 words]  (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4)
 *   B [8 words, 8]   (t, g), (t + 4, g)
 *   C [16, 8]        (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1)
 *
 * Source: PTX ISA, matrix fragments for mma.m16n8k8 (.tf32) and mma.m16n8k16 (.bf16), and ldmatrix.
 */
#ifndef PODIUM_TENSOR_CUDA_MMA_CUH
#define PODIUM_TENSOR_CUDA_MMA_CUH

#include <cstdint>
#include <cuda_runtime.h>

/* Volta and Turing multiply neither tf32 nor bfloat16. */
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#define HAS_MMA false
#else
#define HAS_MMA true
#endif

#ifndef CUDA_MMA_EMULATED

/*
 * Four matrices of 8 rows of 4 words: part[j] is word t of row g of matrix j. Lane 8 j + i says where
 * in shared memory row i of matrix j is, at a multiple of 16 bytes.
 */
static __device__ inline void mma_load(uint32_t part[4], const uint32_t *row)
{
    uint32_t address = (uint32_t)__cvta_generic_to_shared(row);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(part[0]), "=r"(part[1]), "=r"(part[2]), "=r"(part[3])
                 : "r"(address)
                 : "memory");
}

/* c += a b */
static __device__ inline void mma_tf32(float c[4], const uint32_t a[4], const uint32_t b[2])
{
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

static __device__ inline void mma_bf16(float c[4], const uint32_t a[4], const uint32_t b[2])
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#endif
#endif
