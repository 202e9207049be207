#include "models/layers/scorer.h"
#include "common/learn/checkpoint.h"
#include "common/learn/device_key.h"

bool scorer_open(Scorer *scorer, Stage *stage, const char *checkpoint, Failure *failure)
{
    Arena *arena = &stage->arena;
    const char *unit;
    scorer->is_open =
        checkpoint_open(&scorer->checkpoint, checkpoint, CHECKPOINT_KIND, arena, failure);
    return scorer->is_open
        && network_spec_recall(&scorer->spec, &scorer->checkpoint, arena, failure)
        && (unit = network_unit(&scorer->spec, arena, failure)) && stage_uses(stage, unit, failure)
        && device_open(&scorer->device, &stage->values, stage->manual->name, arena, failure)
        && device_enter_key(stage, &scorer->device, failure);
}

static bool make_plan(Scorer *scorer, Stage *stage, LoaderBounds most, Failure *failure)
{
    Predictor *p = &scorer->predictor;
    const Network *n = &scorer->network;
    size_t bounds[FEED_MOST_AXES];
    p->feed = (Feed){ .batch = n->batch,
                      .frames = n->frames,
                      .features = n->features,
                      .stored = n->stored,
                      .list = n->list };
    p->probabilities = n->prediction.probabilities;
    p->what = arena_format(&stage->arena, failure, "%s %s", stage->manual->name,
                           scorer->spec.model->name);
    feed_bounds_listed(&p->feed, most, shifts_count(p->shifts), bounds);
    p->plan = plan_create(n->graph, &scorer->device, bounds, &p->probabilities, 1, false,
                          &stage->arena, failure);
    if (p->plan)
        plan_bind_parameters(p->plan, scorer->parameters.value, NULL);
    return p->plan && p->what;
}

bool scorer_build(Scorer *scorer, Stage *stage, Failure *failure)
{
    Arena *arena = &stage->arena;
    const Predictor *p = &scorer->predictor;
    LoaderBounds most = loader_bounds(&p->loader), all = most;
    all.samples *= shifts_count(p->shifts); // what is done frame by frame is done once
    network_spec_bounds(&scorer->spec, &scorer->device, all);
    scorer->spec.listed = shifts_any(p->shifts);
    return device_begin(&scorer->device, failure)
        && network_build(&scorer->network, &scorer->spec, false, arena, failure)
        && parameters_create(&scorer->parameters, scorer->network.graph, &scorer->device, false,
                             arena, failure)
        && checkpoint_load(&scorer->checkpoint, &scorer->parameters, failure)
        && make_plan(scorer, stage, most, failure);
}

void scorer_close(Scorer *scorer)
{
    plan_destroy(scorer->predictor.plan);
    parameters_destroy(&scorer->parameters);
    if (scorer->is_open)
        safetensors_close(&scorer->checkpoint);
    device_close(&scorer->device);
}
