/*
 * dense_targets, dense_mask: ragged labels as a matrix.
 *
 *   targets_bc = the score of the last label of row b that names class c, 0 where none does
 *   mask_bc    = 1 where a label of row b names class c, else 0
 *
 *   classes  indices [labels, 1]   scores  real [labels, 1]   targets, mask  [batch, class count]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <string.h>

enum { CLASSES, SCORES };

static bool shape(OpShape *op)
{
    Shape classes = op_input(op, CLASSES);
    size_t class_count = *(const size_t *)op_attributes(op);
    if (op_type(op, CLASSES) != TYPE_INDEX || !classes.rows || !classes.rows->parent
        || shape_elements(classes) != 1)
        return op_refuse(op, "the classes must be one index a label, the labels part of a batch");
    if (op_has_input(op, SCORES) && !shape_equal(op_input(op, SCORES), classes))
        return op_refuse(op, "there must be one score for each class");
    return op_output(op, shape_rows(classes.rows->parent, class_count));
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *classes = &run->input[CLASSES];
    const real *scores = run->input[SCORES].data;
    for (size_t row = begin; row < end; row++) {
        real *to = row_of(&run->output, row);
        memset(to, 0, run->output.width * sizeof *to);
        for (size_t label = classes->offsets[row]; label < classes->offsets[row + 1]; label++)
            to[classes->indices[label]] = scores ? scores[label] : 1;
    }
}

static const Op op_dense_targets = { "dense_targets", shape,
                                     .forward = { { OP_BY_ROW, forward } } };

Tensor dense_targets(Graph *g, Tensor classes, Tensor scores, size_t class_count)
{
    return graph_apply(g, &op_dense_targets, &class_count, sizeof class_count,
                       (Tensor[]){ classes, scores }, 2);
}

Tensor dense_mask(Graph *g, Tensor classes, size_t class_count)
{
    return dense_targets(g, classes, NULL, class_count);
}
