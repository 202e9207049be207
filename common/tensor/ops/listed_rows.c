/*
 * listed_rows: rows by their numbers.
 *
 *   y_i = x_(list_i)        no gradient: for inference
 *
 *   x  [stored, ...]   list  indices [rows, 1]   y  [rows, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <string.h>

enum { X, LIST };

static bool shape(OpShape *op)
{
    Shape y = op_input(op, X), list = op_input(op, LIST);
    if (op_type(op, LIST) != TYPE_INDEX || !list.rows || shape_elements(list) != 1 || !y.rows)
        return op_refuse(op, "there must be rows, and one index for each row wanted");
    y.rows = list.rows;
    return op_output(op, y);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[X];
    const uint32_t *list = run->input[LIST].indices;
    for (size_t row = begin; row < end; row++)
        memcpy(row_of(&run->output, row), row_of(x, list[row]), x->width * sizeof(real));
}

const Op op_listed_rows = { "listed_rows", shape, .forward = { { OP_BY_ROW, forward } } };

Tensor listed_rows(Graph *g, Tensor x, Tensor list)
{
    return graph_apply(g, &op_listed_rows, NULL, 0, (Tensor[]){ x, list }, 2);
}
