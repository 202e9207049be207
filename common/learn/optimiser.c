#include "common/learn/optimiser.h"
#include "common/base/elementary.h"

#include <math.h>

#define BETA1 0.9
#define BETA2 0.999
#define RMSPROP_KEEP 0.99
#define EPSILON 1e-8
#define GLOBAL_TINY 1e-6 // PyTorch's clip_grad_norm_ adds it to the norm

/* All trained parameters, for a device that goes over them in one go. */
static bool open_updater(Optimiser *o, Arena scratch, Failure *failure)
{
    const Parameters *p = o->parameters;
    UpdateSlot *slots;
    size_t count = 0;
    if (p->device->is_host)
        return true;
    if (!arena_array(&scratch, slots, p->count, failure))
        return false;
    for (size_t i = 0; i < p->count; i++)
        if (p->slot[i].trained)
            slots[count++] = (UpdateSlot){ p->value[i], p->gradient[i], o->mean[i], o->square[i],
                                           p->elements[i] };
    o->updater = p->device->updater_open(p->device, slots, count);
    return o->updater
        || fail(failure, EX_OSERR, "out of memory: the optimiser's tables on %s", p->device->name);
}

bool optimiser_create(Optimiser *optimiser, OptimiserSettings settings, Parameters *parameters,
                      Arena *arena, Failure *failure)
{
    Optimiser *o = optimiser;
    *o = (Optimiser){ .settings = settings, .parameters = parameters };
    if (!arena_array(arena, o->mean, parameters->count, failure)
        || !arena_array(arena, o->square, parameters->count, failure)
        || !arena_array(arena, o->norm, parameters->count, failure))
        return false;
    if (parameters_block(parameters, true, o->square, &o->squares, &o->square_bytes, failure)
        && (settings.kind == OPTIMISER_RMSPROP
            || parameters_block(parameters, true, o->mean, &o->means, &o->mean_bytes, failure))
        && open_updater(o, *arena, failure))
        return true;
    optimiser_destroy(o);
    return false;
}

void optimiser_destroy(Optimiser *optimiser)
{
    if (!optimiser->parameters)
        return;
    const Device *device = optimiser->parameters->device;
    if (optimiser->updater)
        device->updater_close(device, optimiser->updater);
    optimiser->updater = NULL;
    if (optimiser->means)
        device->release(device, optimiser->means, optimiser->mean_bytes);
    if (optimiser->squares)
        device->release(device, optimiser->squares, optimiser->square_bytes);
    optimiser->means = optimiser->squares = NULL;
}

/* The norms of all gradients; false with the first parameter whose gradient is not finite. */
static bool measure_norms(Optimiser *optimiser, double *total, Failure *failure)
{
    const Parameters *p = optimiser->parameters;
    double sum = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (!p->slot[i].trained)
            continue;
        double squares = p->device->sum_of_squares(p->device, p->gradient[i], p->elements[i]);
        if (!isfinite(squares))
            return fail(failure, EX_DATAERR, "the gradient of %s is not finite", p->slot[i].name);
        optimiser->norm[i] = sqrt(squares);
        sum += squares;
    }
    *total = sqrt(sum);
    return true;
}

/* What the gradient of parameter i is multiplied by. */
static double clip_scale(const Optimiser *optimiser, size_t i, double total)
{
    double c = optimiser->settings.clip_norm;
    switch (optimiser->settings.clipping) {
    case CLIP_PER_VARIABLE:
        return optimiser->norm[i] > c ? c / optimiser->norm[i] : 1;
    case CLIP_GLOBAL:
        return c < total + GLOBAL_TINY ? c / (total + GLOBAL_TINY) : 1;
    case CLIP_NONE:
        break;
    }
    return 1;
}

/* What is the same for all parameters in step t. */
static Update step_coefficients(OptimiserKind kind, double learning_rate, uint64_t t)
{
    if (kind == OPTIMISER_RMSPROP)
        return (Update){ .keep_square = (real)RMSPROP_KEEP,
                         .take_square = (real)(1 - RMSPROP_KEEP),
                         .rate = (real)learning_rate,
                         .scale = 1,
                         .epsilon = (real)EPSILON };
    double mean_sum = 1 - elementary_power(BETA1, t);
    double root_sum = sqrt(1 - elementary_power(BETA2, t));
    bool torch = kind == OPTIMISER_ADAM_TORCH;
    return (Update){ .keep_mean = (real)BETA1,
                     .take_mean = (real)(1 - BETA1),
                     .keep_square = (real)BETA2,
                     .take_square = (real)(1 - BETA2),
                     .rate = (real)(learning_rate * (torch ? 1 : root_sum) / mean_sum),
                     .scale = (real)(torch ? 1 / root_sum : 1),
                     .epsilon = (real)EPSILON };
}

bool optimiser_step(Optimiser *optimiser, double learning_rate, Failure *failure)
{
    const Parameters *p = optimiser->parameters;
    double total = 0;
    if (!measure_norms(optimiser, &total, failure))
        return false;
    optimiser->step++;
    Update update = step_coefficients(optimiser->settings.kind, learning_rate, optimiser->step);
    for (size_t i = 0; i < p->count; i++) {
        if (!p->slot[i].trained)
            continue;
        update.value = p->value[i];
        update.gradient = p->gradient[i];
        update.mean = optimiser->mean[i];
        update.square = optimiser->square[i];
        update.n = p->elements[i];
        update.gradient_scale = (real)clip_scale(optimiser, i, total);
        p->device->update(p->device, &update);
    }
    return true;
}

UpdateNumbers optimiser_numbers(Optimiser *optimiser, double learning_rate)
{
    const OptimiserSettings *settings = &optimiser->settings;
    optimiser->step++;
    Update u = step_coefficients(settings->kind, learning_rate, optimiser->step);
    return (UpdateNumbers){ .keep_mean = u.keep_mean,
                            .take_mean = u.take_mean,
                            .keep_square = u.keep_square,
                            .take_square = u.take_square,
                            .rate = u.rate,
                            .scale = u.scale,
                            .epsilon = u.epsilon,
                            .clipping = settings->clipping == CLIP_PER_VARIABLE ? UPDATE_CLIP_EACH
                                : settings->clipping == CLIP_GLOBAL ? UPDATE_CLIP_TOGETHER
                                                                    : UPDATE_CLIP_NOT,
                            .clip_norm = settings->clip_norm,
                            .clip_tiny = GLOBAL_TINY };
}

void optimiser_enqueue(Optimiser *optimiser, const UpdateNumbers *numbers, RunResult *result)
{
    const Device *device = optimiser->parameters->device;
    device->updater_run(device, optimiser->updater, numbers, result);
}

const char *optimiser_faulty(const Optimiser *optimiser, const RunResult *result)
{
    const Parameters *p = optimiser->parameters;
    uint32_t slot = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->slot[i].trained && ++slot == result->faulty)
            return p->slot[i].name;
    return NULL;
}
