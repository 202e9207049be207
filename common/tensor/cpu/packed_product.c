#include "common/tensor/cpu/packed_product.h"
#include "common/base/parallel.h"
#include "common/tensor/cpu/vector.h"

#include <string.h>

#define PANELS_AT_ONCE ((size_t)8)

size_t packed_panels(size_t n)
{
    return (n + PACKED_COLUMNS - 1) / PACKED_COLUMNS;
}

size_t packed_elements(size_t k, size_t n)
{
    return packed_panels(n) * PACKED_COLUMNS * k;
}

typedef struct Packing {
    PackedMatrix to;
    Matrix from;
} Packing;

static real *panel_of(const PackedMatrix *b, size_t panel)
{
    return b->panels + panel * b->k * PACKED_COLUMNS;
}

static void pack_panel(const Packing *packing, size_t panel)
{
    const Matrix *b = &packing->from;
    size_t first = panel * PACKED_COLUMNS, k = packing->to.k, left = packing->to.n - first;
    size_t columns = left < PACKED_COLUMNS ? left : PACKED_COLUMNS;
    real *to = panel_of(&packing->to, panel);
    if (columns < PACKED_COLUMNS)
        memset(to, 0, k * PACKED_COLUMNS * sizeof *to);
    for (size_t i = 0; b->transpose == AS_IS && i < k; i++)
        memcpy(to + i * PACKED_COLUMNS, b->data + i * b->stride + first, columns * sizeof *to);
    for (size_t j = 0; b->transpose == TRANSPOSED && j < columns; j++)
        for (size_t i = 0; i < k; i++)
            to[i * PACKED_COLUMNS + j] = b->data[(first + j) * b->stride + i];
}

static void pack_panels(void *context, size_t begin, size_t end)
{
    for (size_t panel = begin; panel < end; panel++)
        pack_panel(context, panel);
}

PackedMatrix packed_matrix(size_t k, size_t n, Matrix b, real *panels)
{
    Packing packing = { { panels, k, n }, b };
    parallel_for(packed_panels(n), PANELS_AT_ONCE, pack_panels, &packing);
    return packing.to;
}

void packed_product(const PackedMatrix *b, size_t panel, size_t rows,
                    const real *const a[PACKED_ROWS], real sums[PACKED_ROWS][PACKED_COLUMNS])
{
    const real *restrict from = panel_of(b, panel), *row[PACKED_ROWS];
    real own[PACKED_ROWS][PACKED_COLUMNS] = { { 0 } };
    for (size_t i = 0; i < PACKED_ROWS; i++) // a row behind the last one is that one again
        row[i] = a[i < rows ? i : rows - 1];
    for (size_t s = 0; s < b->k; s++, from += PACKED_COLUMNS) {
#pragma GCC unroll 6 // so that sums stay in registers
        for (size_t i = 0; i < PACKED_ROWS; i++) {
#pragma omp simd
            for (size_t j = 0; j < PACKED_COLUMNS; j++)
                own[i][j] = real_multiply_add(row[i][s], from[j], own[i][j]);
        }
    }
    memcpy(sums, own, sizeof own);
}
