#include "common/tensor/cpu/small_product.h"
#include "common/tensor/cpu/vector.h"

#include <string.h>

#define ROWS ((size_t)4)     // of c that are summed side by side
#define COLUMNS ((size_t)16) // and columns: two vector registers a row, or one
#define MOST_COLUMNS ((size_t)32)
#define MOST_SUMMED ((size_t)64)
// OpenBLAS's kernels have several sums for as many columns and summands; below it one, in order.
#define IN_ORDER ((size_t)8)
#define MOST_OPERATIONS ((size_t)16384)

bool small_product_pays(size_t m, size_t n, size_t k)
{
    return n <= MOST_COLUMNS && k <= MOST_SUMMED && (n < IN_ORDER || k < IN_ORDER)
        && m * n * k <= MOST_OPERATIONS;
}

/* Columns of b, from `column` on, `width` of each row; zeros behind the last one. */
static inline void pack(real *packed, size_t width, size_t k, size_t columns, Matrix b,
                        size_t column)
{
    for (size_t i = 0; i < k * width; i++)
        packed[i] = 0;
    for (size_t i = 0; b.transpose == AS_IS && i < k; i++)
        for (size_t j = 0; j < columns; j++)
            packed[i * width + j] = b.data[i * b.stride + column + j];
    for (size_t j = 0; b.transpose == TRANSPOSED && j < columns; j++)
        for (size_t i = 0; i < k; i++)
            packed[i * width + j] = b.data[(column + j) * b.stride + i];
}

/* Rows of c, `width` columns; a row behind the last one is that one again. */
static inline void sum_rows(real *sums, size_t width, size_t rows, size_t k, Matrix a, size_t row,
                            const real *packed)
{
    size_t down = a.transpose == AS_IS ? a.stride : 1, along = a.transpose == AS_IS ? 1 : a.stride;
    const real *from[ROWS];
    real own[ROWS][COLUMNS] = { { 0 } };
    for (size_t i = 0; i < ROWS; i++)
        from[i] = a.data + (row + (i < rows ? i : rows - 1)) * down;
    for (size_t s = 0; s < k; s++)
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < width; j++)
                own[i][j] = real_multiply_add(from[i][s * along], packed[s * width + j], own[i][j]);
    memcpy(sums, own, sizeof own);
}

/* Columns of c from `column` on, at most `width`, a constant. */
static inline void multiply_columns(size_t width, size_t m, size_t columns, size_t k, Matrix a,
                                    Matrix b, size_t column, real beta, Matrix c)
{
    real packed[MOST_SUMMED * COLUMNS], sums[ROWS][COLUMNS];
    pack(packed, width, k, columns, b, column);
    for (size_t row = 0; row < m; row += ROWS) {
        size_t rows = m - row < ROWS ? m - row : ROWS;
        sum_rows(sums[0], width, rows, k, a, row, packed);
        for (size_t i = 0; i < rows; i++) {
            real *to = c.data + (row + i) * c.stride + column;
            for (size_t j = 0; j < columns; j++)
                to[j] = (beta == 0 ? 0 : to[j]) + sums[i][j]; // 0 + -0 is 0, as in BLAS
        }
    }
}

void small_product(size_t m, size_t n, size_t k, Matrix a, Matrix b, real beta, Matrix c)
{
    for (size_t column = 0, columns; column < n; column += columns) {
        columns = n - column < COLUMNS ? n - column : COLUMNS;
        if (columns <= COLUMNS / 2)
            multiply_columns(COLUMNS / 2, m, columns, k, a, b, column, beta, c);
        else
            multiply_columns(COLUMNS, m, columns, k, a, b, column, beta, c);
    }
}
