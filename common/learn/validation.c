#include "common/learn/validation.h"
#include "common/learn/interrupts.h"

/* What is validated on, as the metric wants it. */
static bool set_loader(Validation *v, const LoaderSettings *loader, Failure *failure)
{
    uint64_t left_out;
    bool segments = v->metric == VALIDATE_MAP;
    v->loader = *loader;
    v->loader.unit = segments ? LOAD_RATED_SEGMENTS : LOAD_VIDEOS;
    v->loader.end = loader_size(&v->loader);
    if (v->loader.end == 0)
        return fail(failure, EX_DATAERR, "%s: no %s to validate on", loader->sources[0].index->path,
                    segments ? "rated segments" : "videos");
    return loader_check(&v->loader, &left_out, failure);
}

bool validation_create(Validation *validation, ValidationMetric metric, const Graph *g, Feed feed,
                       Tensor probabilities, const Parameters *parameters,
                       const LoaderSettings *loader, Arena *arena, Failure *failure)
{
    Validation *v = validation;
    size_t axes[FEED_MOST_AXES], classes = width_of(probabilities);
    *v = (Validation){
        .metric = metric, .feed = feed, .probabilities = probabilities, .arena = arena
    };
    bool ok = set_loader(v, loader, failure)
        && (metric == VALIDATE_MAP
                ? validation_map_create(&v->map, &v->loader, classes, arena, failure)
                : validation_gap_create(&v->gap, &v->loader, classes, arena, failure));
    if (!ok)
        return false;
    feed_bounds(&feed, loader_bounds(&v->loader), axes);
    v->plan = plan_create(g, parameters->device, axes, (Tensor[]){ probabilities }, 1, false, arena,
                          failure);
    if (v->plan)
        plan_bind_parameters(v->plan, parameters->value, NULL);
    return v->plan != NULL;
}

void validation_destroy(Validation *validation)
{
    plan_destroy(validation->plan);
    validation->plan = NULL;
}

static bool score_batch(Validation *v, const Batch *batch, Failure *failure)
{
    if (batch->count == 0)
        return true;
    if (!feed_bind(&v->feed, v->plan, batch, failure))
        return false;
    plan_run(v->plan, &(PlanRun){ 0 });
    const real *probabilities = plan_output(v->plan, v->probabilities);
    if (!plan_check(v->plan, failure))
        return false;
    return v->metric == VALIDATE_MAP ? validation_map_add(&v->map, batch, probabilities, failure)
                                     : validation_gap_add(&v->gap, batch, probabilities, failure);
}

static bool score_all(Validation *v, Arena scratch, Failure *failure)
{
    Loader *loader = NULL;
    const Batch *batch;
    bool ok = loader_create(&loader, &v->loader, &scratch, failure);
    while (ok && loader_next(loader, &batch, failure)) {
        ok = score_batch(v, batch, failure)
            && (!interrupts_came() || fail(failure, EX_TEMPFAIL, "stopped by a signal"));
        loader_release(loader);
    }
    loader_close(loader);
    return ok && failure->code == EX_OK;
}

bool validation_run(void *validation, double *score, Failure *failure)
{
    Validation *v = validation;
    bool segments = v->metric == VALIDATE_MAP;
    if (segments)
        validation_map_begin(&v->map);
    else
        validation_gap_begin(&v->gap);
    if (!score_all(v, *v->arena, failure))
        return false;
    if (segments)
        return validation_map_value(&v->map, score, *v->arena, failure);
    *score = validation_gap_value(&v->gap);
    return true;
}
