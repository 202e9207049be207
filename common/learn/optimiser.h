/*
 * Optimisers: Adam in TensorFlow's form and in PyTorch's, and RMSprop, with gradient clipping.
 *
 *   adam        m, v = moving means of g and g^2;  w -= r sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v)
 * + e) adam-torch  both are corrected first:          w -= r / (1 - b1^t) m / (sqrt(v / (1 - b2^t))
 * + e) rmsprop     v = moving mean of g^2:            w -= r g / (sqrt(v) + e)
 *
 * with b1 = 0.9, b2 = 0.999 (RMSprop: 0.99), e = 1e-8, t counted from 1. Clipping scales g by
 *
 *   per-variable  c / max(|g|, c) with the norm of each parameter's gradient (TensorFlow's)
 *   global        min(1, c / (|g| + 1e-6)) with the norm of all gradients together (PyTorch's)
 *
 * Source: spec/models 2.5 and 2.7. Norms are sums in one fixed order, so the number of threads
 * changes no bit.
 */
#ifndef PODIUM_LEARN_OPTIMISER_H
#define PODIUM_LEARN_OPTIMISER_H

#include "common/learn/parameters.h"

typedef enum OptimiserKind {
    OPTIMISER_ADAM,
    OPTIMISER_ADAM_TORCH,
    OPTIMISER_RMSPROP
} OptimiserKind;
typedef enum Clipping { CLIP_PER_VARIABLE, CLIP_GLOBAL, CLIP_NONE } Clipping;

/* Their words on the command line and in checkpoints, in the order of the enumerations. */
#define OPTIMISER_KINDS "adam|adam-torch|rmsprop"
#define CLIPPINGS "per-variable|global|none"

typedef struct OptimiserSettings {
    OptimiserKind kind;
    Clipping clipping;
    double clip_norm; // c
} OptimiserSettings;

typedef struct Optimiser {
    OptimiserSettings settings;
    Parameters *parameters;
    uint64_t step; // updates done
    real **mean;   // [parameters], on the device; NULL for statistics, and all of it for RMSprop
    real **square; // [parameters], on the device; NULL for statistics
    double *norm;  // [parameters]: of the gradients in the last optimiser_step, before clipping
    void *means, *squares;
    size_t mean_bytes, square_bytes;
    DeviceUpdater *updater; // on a device that isn't the host
} Optimiser;

/*
 * Begin with all state zero. Release it with optimiser_destroy.
 *
 *   parameters  with gradients; borrowed until then
 *   failure     EX_OSERR
 */
bool optimiser_create(Optimiser *optimiser, OptimiserSettings settings, Parameters *parameters,
                      Arena *arena, Failure *failure);
void optimiser_destroy(Optimiser *optimiser);

/*
 * One step along the gradients that the plan's backward left.
 *
 *   failure  EX_DATAERR: a gradient is not finite; names the parameter. Nothing was changed.
 *   cost     one pass over the gradients for norms, one over everything for the update; allocates
 *            nothing
 */
bool optimiser_step(Optimiser *optimiser, double learning_rate, Failure *failure);

/*
 * The same as a part of a run that goes on without the host (plan_run): `optimiser_numbers` counts
 * the step, and `optimiser_enqueue` asks for it with these numbers in the device's memory. Where a
 * gradient, or the loss, is not finite the device changes nothing, and says so in the result.
 */
UpdateNumbers optimiser_numbers(Optimiser *optimiser, double learning_rate);
void optimiser_enqueue(Optimiser *optimiser, const UpdateNumbers *numbers, RunResult *result);

/* The parameter that a result calls faulty; NULL: none. */
const char *optimiser_faulty(const Optimiser *optimiser, const RunResult *result);

#endif
