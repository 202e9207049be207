/*
 * Graph: a model as a static graph of ops, built once and run many times.
 *
 * Building needs no data and no device: it infers shapes and names parameters. The graph keeps its
 * first failure (an op whose inputs don't fit, a name used twice), so that a model reads as
 * equations; whoever finishes building asks graph_finish once. Everything lives in the graph's
 * arena.
 *
 * A tensor that holds data has a row axis, whose number of valid rows is known only when the graph
 * runs: the videos of a batch, or their frames, packed one video after another. A parameter has
 * none.
 */
#ifndef PODIUM_TENSOR_GRAPH_H
#define PODIUM_TENSOR_GRAPH_H

#include "common/base/arena.h"
#include "common/tensor/real.h"

#define SHAPE_MOST_AXES 3

typedef enum Type {
    TYPE_REAL,  // real
    TYPE_BYTE,  // uint8_t: quantised features
    TYPE_INDEX, // uint32_t: class indices
} Type;

/*
 * Rows: an axis whose length is data. Where it has a parent, every row of the parent owns a run of
 * rows (the frames of a video), and the runs follow one another without gaps.
 *
 * Rows that are used again and again (frames that several overlapping segments have) can be stored once
 * and listed: row i of the axis `listed` is the stored row list[i]. What is computed row by row is computed
 * of stored rows; where an op needs to know what belongs together, or has another input of listed rows, it
 * gets the listed ones. See graph_list_rows.
 */
typedef struct Rows {
    const char *name; // "batch", "frames", "labels"
    const struct Rows *parent;
    size_t number;             // in the graph, from 0
    const struct Rows *listed; // of stored rows; NULL: these are not
    const struct Node *list;   // indices [listed, 1]
} Rows;

/* [rows, axis 0, axis 1, ...], outermost first; rows NULL: [axis 0, ...]. */
typedef struct Shape {
    const Rows *rows;
    size_t rank; // number of axes, the row axis not counted
    size_t axes[SHAPE_MOST_AXES];
} Shape;

typedef struct Graph Graph;
typedef const struct Node *Tensor; // a handle; never NULL, also after a failure
typedef struct Op Op;

/* How a parameter begins. Draws are keyed by (seed, the parameter's name). */
typedef enum InitializerKind {
    INITIALIZE_CONSTANT,         // a
    INITIALIZE_UNIFORM,          // from a to b
    INITIALIZE_NORMAL,           // mean a, standard deviation b
    INITIALIZE_TRUNCATED_NORMAL, // the same, redrawn outside two standard deviations
    INITIALIZE_GIVEN,            // values, element by element
} InitializerKind;

typedef struct Initializer {
    InitializerKind kind;
    double a, b;
    const float *values; // of INITIALIZE_GIVEN: one for each element, borrowed until they are read
} Initializer;

/* An empty graph in the arena; NULL with EX_OSERR where the arena is full. */
Graph *graph_create(Arena *arena, Failure *failure);

/* The same graph, with "name/" put before the names of what is built through it. */
Graph *scope(Graph *g, const char *name);

/* Whether building went well. Ask once, at the end. EX_CONFIG: says which op and both shapes. */
bool graph_finish(const Graph *g, Failure *failure);

/* Refuse what a model was told ("8 heads do not divide a width of 1152"): the graph's failure. */
void graph_refuse(Graph *g, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A row axis; parent NULL: the batch itself, or any axis that belongs to no other. */
const Rows *graph_rows(Graph *g, const char *name, const Rows *parent);

/*
 * A row axis without parent whose rows are stored once for `listed`. Models are built on it as they are
 * on `listed`. For inference: no gradient passes through a list.
 */
const Rows *graph_stored_rows(Graph *g, const char *name, const Rows *listed, Tensor list);

Shape shape_of(Tensor x);
size_t width_of(Tensor x); // the last axis
const Rows *rows_of(Tensor x);
Type type_of(Tensor x);

/* Shapes by their axes. */
Shape shape_vector(size_t width);                 // [width]
Shape shape_matrix(size_t height, size_t width);  // [height, width]
Shape shape_rows(const Rows *rows, size_t width); // [rows, width]
size_t shape_elements(Shape shape);               // of one row, or of all where there are no rows
bool shape_equal(Shape a, Shape b);
Shape shape_without_last(Shape shape);              // the last axis dropped
const char *shape_text(Shape shape, char text[96]); // "[frames, 1152]"

/* What is bound before each run: features, labels. */
Tensor input(Graph *g, const char *name, Type type, Shape shape);

/* Ask for the gradient of an input, which nobody else wants: for checks of gradients. */
void graph_want_gradient(Graph *g, Tensor input);

/* A trained parameter. EX_CONFIG where the name is taken. Names are stable: checkpoints use them.
 */
Tensor parameter(Graph *g, const char *name, Shape shape, Initializer initializer);

/* State that is not trained but saved with the model (moving averages). */
Tensor statistic(Graph *g, const char *name, Shape shape, Initializer initializer);

/*
 * Register what training minimises: weight times the mean over rows of `loss` [rows], or weight
 * times `loss` [1] itself where it has no rows. The total loss is the sum over all that is
 * registered.
 */
void graph_loss(Graph *g, const char *name, Tensor loss, double weight);

/* Register a penalty: scale/2 times the sum of a parameter's squares (TensorFlow's L2). */
void graph_penalty(Graph *g, Tensor parameter, double scale);

/*
 * Whether an op of the graph makes samples of a batch depend on one another in training (statistics
 * of the batch, mixup). If none does, a step on a batch is a sum over its samples.
 */
bool graph_couples_samples(const Graph *g);

/*
 * Cut batches into slices of so many samples: products and sums over rows are computed slice by
 * slice on the host. So a batch that is run in parts of whole slices has the same bits as one that
 * is run at once, if no op couples samples. Small slices are slow; 0 (as it begins): none.
 */
void graph_slice(Graph *g, size_t samples);
size_t graph_slice_of(const Graph *g);

/*
 * Apply an op: how the functions of ops.h are made.
 *
 *   attributes  copied; what the op's kernels read besides tensors
 *   inputs      `count` tensors; NULL entries are inputs that the op can do without
 */
Tensor graph_apply(Graph *g, const Op *op, const void *attributes, size_t attribute_bytes,
                   const Tensor inputs[], size_t count);

/* The same, with a name: what a random op's draws are keyed by. */
Tensor graph_apply_named(Graph *g, const char *name, const Op *op, const void *attributes,
                         size_t attribute_bytes, const Tensor inputs[], size_t count);

/* The same data seen with other axes; the number of elements in a row must agree. No copy. */
Tensor reshape(Graph *g, Tensor x, size_t rank, const size_t axes[]);
Tensor flatten(Graph *g, Tensor x); // [rows, everything]

#endif
