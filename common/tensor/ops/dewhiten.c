/*
 * dewhiten: features given back the spread that the dataset's whitening took.
 *
 *   y_j  = (x_j - 4/512) s_j        s_j = sqrt(e_j) + 1e-4,  e_j: eigenvalue j of the dataset's PCA
 *   dx_j = dy_j s_j
 *
 *   x, y, dx, dy  [rows, width]   e  [width], no gradient   s  [width], kept
 *
 * Source: spec/models 1.3; the NeXtVLAD authors' released code.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#define OFFSET ((real)(4.0 / 512)) // half a step of the bytes, which dequantising added
#define LEAST ((real)1e-4)

enum { X, EIGENVALUES };

static bool shape(OpShape *op)
{
    Shape x = op_input(op, X);
    if (!x.rows || x.rank != 1 || !shape_equal(op_input(op, EIGENVALUES), shape_vector(x.axes[0])))
        return op_refuse(op, "there must be one eigenvalue for each feature");
    return op_output(op, x) && op_keep(op, shape_vector(x.axes[0]));
}

static void spread(const OpRun *run, size_t begin, size_t end)
{
    for (size_t j = begin; j < end; j++)
        run->kept[0][j] = real_sqrt(run->input[EIGENVALUES].data[j]) + LEAST;
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const real *s = run->kept[0];
    for (size_t row = begin; row < end; row++)
        for (size_t j = 0; j < run->output.width; j++)
            row_of(&run->output, row)[j] = (row_of(&run->input[X], row)[j] - OFFSET) * s[j];
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const real *s = run->kept[0];
    for (size_t row = begin; row < end && run->input[X].gradient; row++)
        for (size_t j = 0; j < run->output.width; j++)
            gradient_of(&run->input[X], row)[j] += gradient_of(&run->output, row)[j] * s[j];
}

static const Op op_dewhiten = {
    "dewhiten",
    shape,
    .forward = { { OP_BY_COLUMN, spread }, { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
};

Tensor dewhiten(Graph *g, Tensor x, Tensor eigenvalues)
{
    return graph_apply(g, &op_dewhiten, NULL, 0, (Tensor[]){ x, eigenvalues }, 2);
}
