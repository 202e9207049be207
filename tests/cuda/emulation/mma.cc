/*
 * Tensor cores by loops: each lane learns what all lanes of its warp have, puts the matrices together as
 * PTX ISA says where their elements are, and computes its own elements of the product.
 */
#include "cuda_runtime.h"

#include <cstdlib>

#define LANES 32u

static unsigned own_lane()
{
    return threadIdx.x % LANES;
}

/* "Thread 0-7 contains the addresses of matrix 0, 8-15 of matrix 1, ...; each thread gets a part of a row." */
void mma_load(uint32_t part[4], const uint32_t *row)
{
    const uint32_t *rows[LANES];
    if ((uintptr_t)row % 16 != 0)
        abort();
    emulate_gather(&row, rows, sizeof row);
    for (unsigned matrix = 0; matrix < 4; matrix++)
        part[matrix] = rows[8 * matrix + own_lane() / 4][own_lane() % 4];
}

struct Fragments {
    uint32_t a[4], b[2];
};

struct Matrices {
    uint32_t a[16][8], b[8][8]; // b: [column][word]
};

/* a0: (row groupID, word threadID), a1: 8 rows on, a2: 4 words on, a3: both; b0, b1: 4 words on. */
static Matrices gather(const uint32_t a[4], const uint32_t b[2])
{
    Fragments own, all[LANES];
    Matrices m;
    memcpy(own.a, a, sizeof own.a);
    memcpy(own.b, b, sizeof own.b);
    emulate_gather(&own, all, sizeof own);
    for (unsigned lane = 0; lane < LANES; lane++) {
        unsigned group = lane >> 2, thread = lane & 3;
        for (unsigned i = 0; i < 4; i++)
            m.a[group + 8 * (i % 2)][thread + 4 * (i / 2)] = all[lane].a[i];
        for (unsigned i = 0; i < 2; i++)
            m.b[group][thread + 4 * i] = all[lane].b[i];
    }
    return m;
}

/* c0, c1: row groupID, columns 2 threadID and the next; c2, c3: 8 rows on. */
template <class Product> static void add(float c[4], const Matrices &m, Product product)
{
    unsigned group = own_lane() >> 2, thread = own_lane() & 3;
    for (unsigned i = 0; i < 4; i++) {
        unsigned row = group + 8 * (i / 2), column = 2 * thread + i % 2;
        for (unsigned word = 0; word < 8; word++)
            c[i] += product(m.a[row][word], m.b[column][word]);
    }
}

/* The lower 13 bits of a number are not read. */
void mma_tf32(float c[4], const uint32_t a[4], const uint32_t b[2])
{
    add(c, gather(a, b), [](uint32_t x, uint32_t y) {
        return __uint_as_float(x & 0xffffe000u) * __uint_as_float(y & 0xffffe000u);
    });
}

void mma_bf16(float c[4], const uint32_t a[4], const uint32_t b[2])
{
    add(c, gather(a, b), [](uint32_t x, uint32_t y) {
        return __uint_as_float(x << 16) * __uint_as_float(y << 16)
            + __uint_as_float(x & 0xffff0000u) * __uint_as_float(y & 0xffff0000u);
    });
}
