#include "models/layers/recurrent.h"
#include "models/layers/linear.h"

Tensor recurrent_units(Graph *g, const char *name, Tensor x, size_t cells)
{
    size_t in = width_of(x) + cells;
    Initializer of_gates = xavier(in, 2 * cells), of_candidate = xavier(in, cells);
    g = scope(g, name);
    Tensor gates = linear(g, "gates", x, 2 * cells, of_gates, constant(1));
    Tensor candidate = linear(g, "candidate", x, cells, of_candidate, constant(0));
    Tensor U =
        parameter(scope(g, "gates"), "state-weights", shape_matrix(cells, 2 * cells), of_gates);
    Tensor W =
        parameter(scope(g, "candidate"), "state-weights", shape_matrix(cells, cells), of_candidate);
    return gru(g, gates, candidate, U, W);
}
