#include "common/learn/learner.h"
#include "common/base/progress.h"

#include <math.h>

#define ADVICE "lower --learning-rate, or clip gradients harder; the last checkpoint stays"

/* The first parameter or statistic with a number that is not finite in `data`, or NULL. */
static const char *not_finite(const Parameters *p, real *const data[])
{
    for (size_t i = 0; i < p->count; i++)
        if (data[i] && !isfinite(p->device->sum_of_squares(data[i], p->elements[i])))
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

bool learner_step(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                  double *loss, Failure *failure)
{
    Failure inner = { 0 };
    double begun = progress_clock();
    if (!feed_bind(&learner->feed, learner->plan, batch, failure))
        return false;
    plan_forward(learner->plan, learner->seed, step);
    *loss = plan_loss(learner->plan);
    if (!isfinite(*loss))
        return refuse_loss(learner, step, *loss, failure);
    plan_backward(learner->plan);
    double middle = progress_clock();
    bool ok = optimiser_step(learner->optimiser, learning_rate, &inner);
    learner->run_seconds += middle - begun;
    learner->update_seconds += progress_clock() - middle;
    return ok
        || fail(failure, inner.code, "step %llu: %s; " ADVICE, (unsigned long long)step,
                inner.message);
}
