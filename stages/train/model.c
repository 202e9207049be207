/* What is trained, and what decides the result besides options and inputs. */
#include "stages/train/training.h"
#include "common/data/npy.h"
#include "common/learn/checkpoint.h"
#include "common/learn/device_key.h"

#include <string.h>

enum { UNRATED_MASKED, UNRATED_NEGATIVE }; // --unrated

static bool take_spec_from(Training *t, const char *path, Failure *failure)
{
    const char *model = option_text(t->values, "model");
    Arena *arena = &t->stage->arena;
    t->has_from = checkpoint_open(&t->from, path, CHECKPOINT_KIND, arena, failure);
    return t->has_from && network_spec_recall(&t->spec, &t->from, arena, failure)
        && (!model || strcmp(model, t->spec.model->name) == 0
            || fail(failure, EX_USAGE, "--model %s: %s is of %s; leave --model out", model, path,
                    t->spec.model->name));
}

static bool take_spec_named(Training *t, Failure *failure)
{
    const OptionValues *values = t->values;
    const char *from = option_text(values, "from"), *model = option_text(values, "model");
    if (from)
        return take_spec_from(t, from, failure);
    if (option_flag(values, "continue"))
        return fail(failure, EX_USAGE, "--continue: there is nothing to continue without --from");
    if (!model)
        return fail(failure, EX_USAGE,
                    "--model or --from must be given; train --list-models says which there are");
    t->spec.model = model_find(model);
    t->spec.values = values;
    network_spec_read(&t->spec, values);
    return feature_specs_parse(&t->spec.features, option_text(values, "features"), &t->stage->arena,
                               failure);
}

/* What dewhitening begins with; a checkpoint has it already. */
static bool take_eigenvalues(Training *t, Failure *failure)
{
    const char *path = option_text(t->values, "eigenvalues");
    bool dewhiten = strcmp(t->spec.normalization, "dewhiten") == 0;
    if (path && (!dewhiten || t->has_from))
        return fail(failure, EX_USAGE,
                    "--eigenvalues is for --normalization dewhiten, without --from");
    if (!path)
        return !dewhiten || t->has_from
            || fail(failure, EX_USAGE, "--normalization dewhiten needs --eigenvalues");
    float *values;
    bool ok = npy_read(&values, &t->spec.eigenvalue_count, path, &t->stage->arena, failure);
    t->spec.eigenvalues = values;
    return ok;
}

bool training_take_model(Training *t, Failure *failure)
{
    const OptionValues *values = t->values;
    bool ok = take_spec_named(t, failure);
    t->spec.mixup = option_real(values, "mixup");
    t->spec.masked = training_of_segments(t) && option_choice(values, "unrated") == UNRATED_MASKED;
    if (ok && !training_of_segments(t) && option_choice(values, "unrated") != UNRATED_MASKED)
        return fail(failure, EX_USAGE, "--unrated is for --labels segment");
    return ok && take_eigenvalues(t, failure);
}

/* Whole slices are what stays the same; more than that is said, so that nobody counts on less memory. */
static void round_part(Training *t, size_t slice, size_t batch)
{
    size_t rounded = (t->part + slice - 1) / slice * slice;
    rounded = rounded < batch ? rounded : batch;
    if (rounded != t->part)
        fprintf(stderr, "train: --micro-batch %zu is taken as %zu, of a batch of %zu\n", t->part,
                rounded, batch);
    t->part = rounded;
}

/* How many samples are run at once, and in the key, if it decides the result. */
static bool take_part(Training *t, Failure *failure)
{
    const OptionValues *values = t->values;
    size_t batch = option_size(values, "batch-size");
    NetworkParts parts;
    char text[32];
    t->part = option_size(values, "micro-batch");
    if (t->part == 0 || t->part >= batch) {
        t->part = batch;
        return true;
    }
    if (!network_parts(&parts, &t->spec, &t->device, t->stage->arena, failure))
        return false;
    if (!parts.changes)
        round_part(t, parts.slice, batch);
    snprintf(text, sizeof text, "%zu", t->part);
    return !parts.changes || stage_field(t->stage, "micro_batch", text, failure);
}

bool training_complete_key(Training *t, Failure *failure)
{
    Arena *arena = &t->stage->arena;
    const char *unit = network_unit(&t->spec, arena, failure);
    return unit && stage_uses(t->stage, unit, failure)
        && device_open(&t->device, t->values, "train", arena, failure)
        && device_enter_key(t->stage, &t->device, failure) && take_part(t, failure);
}
