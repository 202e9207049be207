#include "common/tensor/cpu/gemm.h"
#include "common/base/parallel.h"
#include "common/tensor/cpu/small_product.h"

#include <string.h>

/*
 * A panel of c: at most 256 x 1024, cut into halves until there are pieces enough to keep many
 * cores even, but not below what is worth handing out, and even ones, since all wait for the last.
 * On 64 columns OpenBLAS still reaches 9/10 of its speed, though it packs a anew for each panel.
 */
#define PANEL_ROWS_MOST ((size_t)256)
#define PANEL_COLUMNS_MOST ((size_t)1024)
#define PANEL_LEAST ((size_t)64)
#define PANEL_MULTIPLE ((size_t)16) // of the kernels' own tiles
#define PIECES_WANTED ((size_t)PODIUM_PIECES)
#define PIECE_LEAST ((size_t)1 << 20) // products of a piece: some 20 microseconds
#define SUMMED_ROWS                                                                                \
    ((size_t)256) // that a sum over slices is taken to have: panels can't depend on k

typedef struct Product {
    const Blas *blas;
    size_t m, n, k, panel_rows, panel_columns, column_panels;
    Matrix a, b, c;
    const real *bias;
    real beta;
    Slices slices; // of the sum
} Product;

static size_t divide_up(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

/* The width of panels that share n evenly. */
static size_t even_share(size_t n, size_t most)
{
    size_t share = divide_up(n, divide_up(n, most));
    return divide_up(share, PANEL_MULTIPLE) * PANEL_MULTIPLE;
}

/* The part of a stored matrix that begins at (row, column) of what the product uses. */
static real *at(Matrix matrix, size_t row, size_t column)
{
    return matrix.transpose == AS_IS ? matrix.data + row * matrix.stride + column
                                     : matrix.data + column * matrix.stride + row;
}

void gemm_serial(const Blas *blas, size_t m, size_t n, size_t k, Matrix a, Matrix b, real beta,
                 Matrix c)
{
    if (m == 0 || n == 0)
        return;
    if (k == 0) { // BLAS leaves c alone where strides are 0
        for (size_t i = 0; i < m && beta == 0; i++)
            memset(c.data + i * c.stride, 0, n * sizeof *c.data);
        return;
    }
    if (small_product_pays(m, n, k)) {
        small_product(m, n, k, a, b, beta, c);
        return;
    }
    blas->gemm(101, a.transpose, b.transpose, (int)m, (int)n, (int)k, 1, a.data, (int)a.stride,
               b.data, (int)b.stride, beta, c.data, (int)c.stride);
}

/* A panel of a sum over slices: c stays in the cache while they are added. */
static void add_slices(const Product *p, size_t m, size_t n, Matrix a, Matrix b, Matrix c)
{
    const Slices *s = &p->slices;
    real beta = p->beta;
    for (size_t i = 0; i < s->count; i++, beta = 1) {
        size_t first = s->first[i] * s->each, k = s->first[i + 1] * s->each - first;
        Matrix from = { at(a, 0, first), a.stride, a.transpose };
        Matrix by = { at(b, first, 0), b.stride, b.transpose };
        gemm_serial(p->blas, m, n, k, from, by, beta, c);
    }
}

static void begin_with_bias(Matrix c, size_t rows, size_t columns, const real *bias)
{
    for (size_t i = 0; i < rows; i++)
        memcpy(c.data + i * c.stride, bias, columns * sizeof *bias);
}

static void multiply_panel(void *context, size_t begin, size_t end)
{
    const Product *p = context;
    for (size_t piece = begin; piece < end; piece++) {
        size_t row = piece / p->column_panels * p->panel_rows;
        size_t column = piece % p->column_panels * p->panel_columns;
        size_t rows = p->m - row < p->panel_rows ? p->m - row : p->panel_rows;
        size_t columns = p->n - column < p->panel_columns ? p->n - column : p->panel_columns;
        Matrix a = { at(p->a, row, 0), p->a.stride, p->a.transpose };
        Matrix b = { at(p->b, 0, column), p->b.stride, p->b.transpose };
        Matrix c = { at(p->c, row, column), p->c.stride, AS_IS };
        if (p->bias)
            begin_with_bias(c, rows, columns, p->bias + column);
        if (p->slices.first)
            add_slices(p, rows, columns, a, b, c);
        else
            gemm_serial(p->blas, rows, columns, p->k, a, b, p->beta, c);
    }
}

/* Cut c into panels; their number. */
static size_t cut(Product *p)
{
    size_t rows = PANEL_ROWS_MOST, columns = PANEL_COLUMNS_MOST;
    for (;;) {
        p->panel_rows = even_share(p->m, rows);
        p->panel_columns = even_share(p->n, columns);
        p->column_panels = divide_up(p->n, p->panel_columns);
        size_t pieces = divide_up(p->m, p->panel_rows) * p->column_panels;
        size_t *larger = p->panel_rows > p->panel_columns ? &rows : &columns;
        size_t side = p->panel_rows > p->panel_columns ? p->panel_rows : p->panel_columns;
        if (pieces >= PIECES_WANTED || side < 2 * PANEL_LEAST
            || p->panel_rows * p->panel_columns * p->k < 2 * PIECE_LEAST)
            return pieces;
        *larger = side / 2;
    }
}

static void multiply(Product product)
{
    if (product.m == 0 || product.n == 0)
        return;
    size_t pieces = cut(&product);
    parallel_for(pieces, 1, multiply_panel, &product);
}

void gemm(const Blas *blas, size_t m, size_t n, size_t k, Matrix a, Matrix b, real beta, Matrix c)
{
    multiply(
        (Product){ .blas = blas, .m = m, .n = n, .k = k, .a = a, .b = b, .c = c, .beta = beta });
}

void gemm_with_bias(const Blas *blas, size_t m, size_t n, size_t k, Matrix a, Matrix b,
                    const real *bias, Matrix c)
{
    multiply((Product){
        .blas = blas, .m = m, .n = n, .k = k, .a = a, .b = b, .c = c, .bias = bias, .beta = 1 });
}

void gemm_by_slices(const Blas *blas, Slices slices, size_t m, size_t n, size_t k, Matrix a,
                    Matrix b, const real *bias, real beta, Matrix c)
{
    uint32_t all[] = { 0, (uint32_t)m };
    if (!slices.first)
        slices = (Slices){ all, 1, 1 };
    for (size_t i = 0; i < slices.count; i++) {
        size_t first = slices.first[i] * slices.each;
        multiply((Product){ .blas = blas,
                            .m = slices.first[i + 1] * slices.each - first,
                            .n = n,
                            .k = k,
                            .a = { at(a, first, 0), a.stride, a.transpose },
                            .b = b,
                            .c = { at(c, first, 0), c.stride, AS_IS },
                            .bias = bias,
                            .beta = bias ? 1 : beta });
    }
}

void gemm_over_slices(const Blas *blas, Slices slices, size_t m, size_t n, size_t k, Matrix a,
                      Matrix b, real beta, Matrix c)
{
    bool sliced = slices.first && slices.count > 0;
    multiply((Product){ .blas = blas,
                        .m = m,
                        .n = n,
                        .k = sliced ? SUMMED_ROWS : k,
                        .a = a,
                        .b = b,
                        .c = c,
                        .beta = beta,
                        .slices = sliced ? slices : (Slices){ 0 } });
}
