/*
 * Op: one kind of node. An op is one file, ops/NAME.c: its shape rule and both directions; its CUDA
 * side is the twin ops/NAME.cu, found by the op's name.
 *
 * A direction is a list of phases. A phase is a kernel that is called for pieces of one axis, in
 * parallel, in any order; pieces depend on shapes alone, so the number of threads changes no bit.
 * What sums over rows is split by column, so that every sum has one fixed order.
 *
 * A batch may be run in parts (plan.h). What backward gives to an input without rows adds up over
 * the parts, and where the graph is sliced (graph_slice) it is the same, bit for bit, as if there
 * were one part. So it is a sum row by row, in order, from what is there already; or, if that is
 * too slow, slice by slice (gemm_by_slices, gemm_over_slices). What is drawn is drawn by the row's
 * number in the whole batch.
 */
#ifndef PODIUM_TENSOR_OP_H
#define PODIUM_TENSOR_OP_H

#include "common/base/philox.h"
#include "common/tensor/graph.h"

#define OP_MOST_INPUTS 16
#define OP_MOST_KEPT 6
#define OP_MOST_PHASES 4

typedef struct OpShape OpShape;
typedef struct OpRun OpRun;

typedef enum OpSplit {
    OP_END,             // no phase
    OP_BY_ROW,          // rows of the output
    OP_BY_COLUMN,       // elements of one row of the output
    OP_BY_INPUT_ROW,    // rows of input 0
    OP_BY_INPUT_COLUMN, // elements of one row of input 0
    OP_BY_GROUP, // rows of the parent of input 0's rows: the videos that its frames belong to
    OP_WHOLE,    // one call (0, 1): the kernel is parallel by itself (gemm)
} OpSplit;

typedef void OpKernel(const OpRun *run, size_t begin, size_t end);

typedef struct OpPhase {
    OpSplit split;
    OpKernel *kernel;
} OpPhase;

/* What backward reads. Values that no backward reads are not kept in memory until then. */
#define OP_SAVES_INPUT(i) (1u << (i))
#define OP_SAVES_INPUTS 0xffffu
#define OP_SAVES_OUTPUT (1u << 16)

struct Op {
    const char *name;
    bool (*shape)(OpShape *op); // calls op_output once; op_refuse where inputs don't fit
    OpPhase forward[OP_MOST_PHASES];
    OpPhase backward[OP_MOST_PHASES]; // none: no gradient passes
    unsigned saves;
    /*
     * Bit i: backward heeds run->accumulate[i] (gemm's beta), so the gradient needs no zeroing. For
     * all other inputs the gradient is zeroed before and kernels add to it: an input may have
     * several readers.
     */
    unsigned overwrites;
    /* Inputs (OP_SAVES_INPUT) that products read: where the device rounds factors, as OpTensor.rounded. */
    unsigned multiplies;
    /*
     * The op that may stand before input `absorbed`: on a device that fuses, where nobody else reads what
     * that gives, this op takes its inputs instead, the first in its place and the others behind its own.
     */
    const char *absorbs; // NULL: none
    size_t absorbed;
    bool steps_through_groups; // reads the rows of a group one after another: a recurrent op
    bool only_in_training;     // outside training the output is the input itself (dropout)
    bool couples_samples;      // in training a row depends on other samples of the batch
    /* Multiplications and additions of a direction's products, for profiles; NULL: it has none. */
    double (*operations)(const OpRun *run, bool backward);
};

/* ---- The shape rule's side ---- */

Shape op_input(const OpShape *op, size_t i);
bool op_has_input(const OpShape *op, size_t i);
Type op_type(const OpShape *op, size_t i);
size_t op_input_count(const OpShape *op);
const void *op_attributes(const OpShape *op);

/* The output's shape (type real). Returns true. */
bool op_output(OpShape *op, Shape shape);

/* A row like input 0's for each row that its rows belong to; refused where they belong to nothing. */
bool op_output_by_parent(OpShape *op);

/* A buffer that forward fills and backward reads: run->kept[0], [1], ... in the order declared. */
bool op_keep(OpShape *op, Shape shape);

/* Working space of one direction, contents undefined: run->scratch[0], ... */
bool op_scratch(OpShape *op, Shape shape);

/* "softmax: [frames, 8] and [frames, 9]: the widths must agree": the reason, returns false. */
bool op_refuse(OpShape *op, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- The kernels' side ---- */

typedef struct OpTensor {
    union {
        real *data;
        const uint8_t *bytes;    // TYPE_BYTE
        const uint32_t *indices; // TYPE_INDEX
    };
    real *gradient; // NULL: not wanted
    size_t rows;    // valid rows; 1 for a parameter: all of it is one row...
    size_t width;   // ...of this many elements
    Shape shape;
    const uint32_t
        *offsets;        // [rows of the parent + 1]: where each parent row's run begins; or NULL
    size_t first, total; // row 0's number in the whole batch, of which this may be a part; its rows
    const uint32_t *slices; // [slice_count + 1]: the first row of each slice; NULL: not sliced
    size_t slice_count;
    /*
     * On a device that isn't the host a run may be recorded and repeated with other data. There
     * `rows` is the most that such a run may have, `count` says in the device's memory how many are
     * valid, and `offsets`, `first` and `total` are there too. What is in memory behind the valid rows
     * means nothing.
     */
    const uint32_t *count, *first_at, *total_at;
    /*
     * Where the device rounds factors: place for a copy of the data in bfloat16, of an input that the op
     * multiplies. The first op to read it makes it; later ones, backward too, find it. NULL: no place.
     */
    uint16_t *rounded; // [rows, ..., op_rounded_stride(last axis)]
    bool is_rounded;   // it was made in this run
} OpTensor;

/* Elements from row to row of a rounded copy: rows begin at multiples of 16 bytes, which are read at once. */
static inline size_t op_rounded_stride(size_t width)
{
    return (width + 7) / 8 * 8;
}

struct OpRun {
    const Op *op;
    const void *attributes;
    size_t input_count;
    OpTensor input[OP_MOST_INPUTS]; // .data is NULL for an input that was left out
    OpTensor output;
    real *kept[OP_MOST_KEPT], *scratch[OP_MOST_KEPT];
    bool accumulate[OP_MOST_INPUTS]; // for `overwrites`: add to the gradient, or replace it
    bool training;
    size_t groups;      // rows of the parent of input 0's rows
    size_t group_first; // number of the first of them in the whole batch
    PhiloxKey key;      // of this node, for random ops: (seed, name)
    uint64_t step;      // counts training steps: the major counter of a draw
    const struct Blas *blas;
    /* On a device that isn't the host, in its memory: */
    const uint32_t *group_count; // valid groups; `groups` is the most
    const uint32_t *group_first_at;
    const uint64_t *step_at; // the step
    size_t longest;          // the most rows of one group, where the op steps through them
    void *workspace;         // as many bytes as the device asked for
    struct DeviceState *device;
};

/* Row i of a tensor's data or gradient. */
static inline real *row_of(const OpTensor *x, size_t i)
{
    return x->data + i * x->width;
}

static inline real *gradient_of(const OpTensor *x, size_t i)
{
    return x->gradient + i * x->width;
}

#endif
