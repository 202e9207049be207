/*
 * mix_logits: the logits of several members, weighed by a gate that has one number a member.
 *
 *   z     = sum_m a_m z_m
 *   da_m  = <z_m, dz>        dz_m = a_m dz
 *
 *   a, da  [rows, members]   z_m, z, dz_m, dz  [rows, classes]
 *
 * Source: spec/models 9.1 and 9.2.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#include <string.h>

enum { GATE, FIRST_MEMBER };

static bool shape(OpShape *op)
{
    Shape gate = op_input(op, GATE);
    size_t members = op_input_count(op) - FIRST_MEMBER;
    if (members == 0 || gate.rank != 1 || gate.axes[0] != members)
        return op_refuse(op, "the gate must have one number for each of %zu members", members);
    for (size_t m = FIRST_MEMBER; m < FIRST_MEMBER + members; m++)
        if (op_input(op, m).rows != gate.rows
            || !shape_equal(op_input(op, m), op_input(op, FIRST_MEMBER)))
            return op_refuse(op, "gate and members must have the same rows, members one shape");
    return op_output(op, op_input(op, FIRST_MEMBER));
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    for (size_t row = begin; row < end; row++) {
        const real *gate = row_of(&run->input[GATE], row);
        real *z = row_of(&run->output, row);
        memset(z, 0, run->output.width * sizeof *z);
        for (size_t m = FIRST_MEMBER; m < run->input_count; m++)
            for (size_t c = 0; c < run->output.width; c++)
                z[c] += gate[m - FIRST_MEMBER] * row_of(&run->input[m], row)[c];
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *gate = &run->input[GATE];
    for (size_t row = begin; row < end; row++) {
        const real *dz = gradient_of(&run->output, row);
        for (size_t i = FIRST_MEMBER; i < run->input_count; i++) {
            const OpTensor *member = &run->input[i];
            real own = row_of(gate, row)[i - FIRST_MEMBER];
            if (gate->gradient)
                gradient_of(gate, row)[i - FIRST_MEMBER] +=
                    real_dot(row_of(member, row), dz, member->width);
            for (size_t c = 0; member->gradient && c < member->width; c++)
                gradient_of(member, row)[c] += own * dz[c];
        }
    }
}

static const Op op_mix_logits = {
    "mix_logits",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_INPUTS,
};

Tensor mix_logits(Graph *g, Tensor gate, const Tensor members[], size_t count)
{
    Tensor inputs[OP_MOST_INPUTS] = { gate };
    if (count > OP_MOST_INPUTS - FIRST_MEMBER) {
        graph_refuse(g, "a mixture of %zu members; at most %d", count,
                     OP_MOST_INPUTS - FIRST_MEMBER);
        return gate;
    }
    memcpy(inputs + FIRST_MEMBER, members, count * sizeof *members);
    return graph_apply(g, &op_mix_logits, NULL, 0, inputs, FIRST_MEMBER + count);
}
