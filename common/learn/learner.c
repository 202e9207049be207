#include "common/learn/learner.h"
#include "common/base/progress.h"

#include <assert.h>
#include <math.h>

#define ADVICE "lower --learning-rate, or clip gradients harder; the last checkpoint stays"

/* The first parameter or statistic with a number that is not finite in `data`, or NULL. */
static const char *not_finite(const Parameters *p, real *const data[])
{
    for (size_t i = 0; i < p->count; i++)
        if (data[i] && !isfinite(p->device->sum_of_squares(p->device, data[i], p->elements[i])))
            return p->slot[i].name;
    return NULL;
}

static bool refuse_loss(Learner *learner, uint64_t step, double loss, Failure *failure)
{
    const Parameters *p = learner->parameters;
    const char *what = "the value", *name = not_finite(p, p->value);
    if (!name) {
        plan_backward(learner->plan);
        what = "the gradient";
        name = not_finite(p, p->gradient);
    }
    if (!name)
        return fail(failure, EX_DATAERR,
                    "step %llu: the loss is %g, and no parameter is at fault; look at the features",
                    (unsigned long long)step, loss);
    return fail(failure, EX_DATAERR, "step %llu: the loss is %g: %s of %s is not finite; " ADVICE,
                (unsigned long long)step, loss, what, name);
}

/* The sample behind the part that begins at one. */
static size_t part_end(const Learner *learner, const Batch *batch, size_t begin)
{
    size_t left = batch->count - begin;
    return learner->part && learner->part < left ? begin + learner->part : batch->count;
}

/* The gradients of a batch, part by part, and its loss, which is known before the last backward. */
static bool gather_on_host(Learner *learner, const Batch *batch, uint64_t step, Failure *failure)
{
    for (size_t begin = 0, end; begin < batch->count; begin = end) {
        end = part_end(learner, batch, begin);
        if (!feed_bind_part(&learner->feed, learner->plan, batch, begin, end, failure))
            return false;
        plan_forward(learner->plan, learner->seed, step);
        double loss = learner->losses[learner->begun_count] = plan_loss(learner->plan);
        if (end == batch->count && !isfinite(loss))
            return refuse_loss(learner, step, loss, failure);
        plan_backward(learner->plan);
    }
    return true;
}

/* On the host: one thing after another, and nothing is changed by a step that goes wrong. */
static bool step_on_host(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                         Failure *failure)
{
    Failure inner = { 0 };
    double begun = progress_clock();
    if (!gather_on_host(learner, batch, step, failure))
        return false;
    double middle = progress_clock();
    bool ok = optimiser_step(learner->optimiser, learning_rate, &inner);
    learner->run_seconds += middle - begun;
    learner->update_seconds += progress_clock() - middle;
    return ok
        || fail(failure, inner.code, "step %llu: %s; " ADVICE, (unsigned long long)step,
                inner.message);
}

static void update(void *context, const void *numbers, RunResult *result)
{
    const Learner *learner = context;
    optimiser_enqueue(learner->optimiser, numbers, result);
}

static bool ask_device(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                       Failure *failure)
{
    double begun = progress_clock();
    UpdateNumbers numbers = optimiser_numbers(learner->optimiser, learning_rate);
    for (size_t begin = 0, end; begin < batch->count; begin = end) {
        end = part_end(learner, batch, begin);
        if (!feed_bind_part(&learner->feed, learner->plan, batch, begin, end, failure))
            return false;
        plan_run(learner->plan,
                 &(PlanRun){ .seed = learner->seed,
                             .step = step,
                             .train = true,
                             .update = update,
                             .context = learner,
                             .numbers = &numbers,
                             .numbers_bytes = sizeof numbers });
    }
    learner->run_seconds += progress_clock() - begun;
    return true;
}

bool learner_begin(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                   Failure *failure)
{
    assert(learner->begun_count < LEARNER_AHEAD);
    bool is_host = learner->parameters->device->is_host;
    if (!(is_host ? step_on_host : ask_device)(learner, batch, learning_rate, step, failure))
        return false;
    learner->begun[learner->begun_count++] = step;
    return true;
}

/* What went wrong in a step that the device found wanting, by what it left. */
static bool refuse_result(Learner *learner, uint64_t step, const RunResult *result,
                          Failure *failure)
{
    const Parameters *p = learner->parameters;
    const char *name = optimiser_faulty(learner->optimiser, result);
    unsigned long long number = step;
    if (isfinite(result->loss))
        return fail(failure, EX_DATAERR, "step %llu: the gradient of %s is not finite; " ADVICE,
                    number, name ? name : "a parameter");
    const char *value = not_finite(p, p->value);
    if (!value && !name)
        return fail(failure, EX_DATAERR,
                    "step %llu: the loss is %g, and no parameter is at fault; look at the features",
                    number, result->loss);
    return fail(failure, EX_DATAERR, "step %llu: the loss is %g: %s of %s is not finite; " ADVICE,
                number, result->loss, value ? "the value" : "the gradient", value ? value : name);
}

bool learner_end(Learner *learner, double *loss, Failure *failure)
{
    RunResult result;
    double begun = progress_clock();
    assert(learner->begun_count > 0);
    uint64_t step = learner->begun[0];
    size_t before = --learner->begun_count;
    *loss = learner->losses[0];
    learner->begun[0] = learner->begun[1];
    learner->losses[0] = learner->losses[1];
    if (learner->parameters->device->is_host)
        return true;
    bool ok = plan_result(learner->plan, before, &result, failure);
    learner->run_seconds += progress_clock() - begun;
    *loss = result.loss;
    return ok && (!result.stopped || refuse_result(learner, step, &result, failure));
}

bool learner_step(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                  double *loss, Failure *failure)
{
    return learner_begin(learner, batch, learning_rate, step, failure)
        && learner_end(learner, loss, failure);
}
