/*
 * A network against what PyTorch computed in double: forward, every gradient, 20 steps of training. The
 * golden files are written by tests/golden/nextvlad.py, video_models.py and
 * gru.py.
 */
#ifndef PODIUM_TESTS_GOLDEN_NETWORK_H
#define PODIUM_TESTS_GOLDEN_NETWORK_H

#include "common/data/safetensors.h"
#include "common/learn/optimiser.h"
#include "models/layers/network.h"
#include "suite.h"

#include <math.h>

#define GOLDEN_STEPS 20
#define GOLDEN_RATE 0.01
#define GOLDEN_WIDTH 20
#define GOLDEN_CLASSES 10
#define GOLDEN_OPTIONS                                                                             \
    "--clusters=6", "--groups=4", "--expansion=2", "--hidden=8", "--gate-reduction=4",             \
        "--dropout=0", "--l2=1e-3", "--moving-average=0.05", "--classes=10"

/* |ours - golden| <= tolerance max(1, |golden|) */
typedef struct GoldenTolerances {
    double forward, gradient, losses;
    double trained; // of parameters after 20 steps; 0: not compared
} GoldenTolerances;

typedef struct Golden {
    Arena arena;
    Failure failure;
    Device device;
    SafetensorsReader file;
    OptionValues values;
    NetworkSpec spec;
    Network network;
    Parameters parameters;
    Optimiser optimiser;
    size_t videos, frames, labels;
} Golden;

static inline const void *golden_array(Golden *t, StoredType type, size_t *count, const char *name)
{
    const StoredTensor *tensor = safetensors_find(&t->file, name);
    ck_assert_msg(tensor && tensor->type == type, "the golden file has no %s", name);
    *count = tensor->count;
    return tensor->bytes;
}

static inline const double *golden_numbers(Golden *t, const char *prefix, const char *name,
                                           size_t count)
{
    char full[128];
    size_t have;
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const double *numbers = golden_array(t, STORED_F64, &have, full);
    ck_assert_msg(have == count, "%s has %zu elements, not %zu", full, have, count);
    return numbers;
}

static inline void golden_compare(Golden *t, const char *prefix, const char *name, const real *ours,
                                  size_t count, double tolerance)
{
    const double *expected = golden_numbers(t, prefix, name, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs((double)ours[i] - expected[i]) <= tolerance * fmax(1, fabs(expected[i])),
                      "%s%s[%zu] is %.17g, not %.17g", prefix, name, i, (double)ours[i],
                      expected[i]);
}

static inline void golden_open(Golden *t, const char *model, const char *path, int argc,
                               char *argv[], bool masked)
{
    size_t count;
    *t = (Golden){ 0 };
    OptimiserSettings adam = { OPTIMISER_ADAM, CLIP_PER_VARIABLE, 1 };
    ck_assert(arena_open(&t->arena, ARENA_LARGE, &t->failure));
    ck_assert_msg(device_open_cpu(&t->device, &t->arena, &t->failure)
                      && safetensors_open(&t->file, path, &t->arena, &t->failure),
                  "%s", t->failure.message);
    t->spec = (NetworkSpec){ .model = model_find(model),
                             .values = &t->values,
                             .features = { { { "rgb", 12 }, { "audio", 8 } }, 2, GOLDEN_WIDTH } };
    const Option *tables[] = { t->spec.model->options, network_options };
    ck_assert_msg(options_parse(&t->values, tables, 2, argc, argv, &t->arena, &t->failure), "%s",
                  t->failure.message);
    network_spec_read(&t->spec, &t->values);
    t->spec.masked = masked;
    t->spec.eigenvalues = golden_array(t, STORED_F32, &t->spec.eigenvalue_count, "eigenvalues");
    golden_array(t, STORED_U32, &t->videos, "frame_first");
    golden_array(t, STORED_U32, &t->labels, "label_class");
    golden_array(t, STORED_U8, &count, "frames");
    t->videos--;
    t->frames = count / GOLDEN_WIDTH;
    ck_assert_msg(
        network_build(&t->network, &t->spec, true, &t->arena, &t->failure)
            && parameters_create(&t->parameters, t->network.graph, &t->device, true, &t->arena,
                                 &t->failure)
            && parameters_initialise(&t->parameters, 1, t->arena, &t->failure)
            && optimiser_create(&t->optimiser, adam, &t->parameters, &t->arena, &t->failure),
        "%s", t->failure.message);
}

static inline void golden_close(Golden *t)
{
    optimiser_destroy(&t->optimiser);
    parameters_destroy(&t->parameters);
    safetensors_close(&t->file);
    arena_close(&t->arena);
}

/* The eigenvalues are no part of the golden parameters: they come from the network's own statistic. */
static inline bool golden_has(const Golden *t, size_t i)
{
    return strcmp(t->parameters.slot[i].name, "eigenvalues") != 0;
}

static inline Plan *golden_plan(Golden *t, bool training)
{
    const Network *n = &t->network;
    size_t count, bounds[3] = { t->videos, t->frames, t->labels };
    real *scores;
    Tensor outputs[] = { n->prediction.probabilities, n->prediction.logits };
    Plan *plan = plan_create(n->graph, &t->device, bounds, outputs, n->prediction.logits ? 2 : 1,
                             training, &t->arena, &t->failure);
    ck_assert_msg(plan != NULL, "%s", t->failure.message);
    plan_bind_parameters(plan, t->parameters.value, t->parameters.gradient);
    const double *stored = golden_numbers(t, "", "label_score", t->labels);
    ck_assert(arena_array(&t->arena, scores, t->labels, &t->failure));
    for (size_t i = 0; i < t->labels; i++)
        scores[i] = (real)stored[i];
    ck_assert(plan_bind_rows(plan, n->batch, t->videos, NULL, &t->failure)
              && plan_bind_rows(plan, n->frames, t->frames,
                                golden_array(t, STORED_U32, &count, "frame_first"), &t->failure)
              && plan_bind_rows(plan, n->labels, t->labels,
                                golden_array(t, STORED_U32, &count, "label_first"), &t->failure));
    plan_bind_input(plan, n->features, golden_array(t, STORED_U8, &count, "frames"));
    plan_bind_input(plan, n->label_classes, golden_array(t, STORED_U32, &count, "label_class"));
    plan_bind_input(plan, n->label_scores, scores);
    return plan;
}

static inline void golden_begin(Golden *t)
{
    const Parameters *p = &t->parameters;
    for (size_t i = 0; i < p->count; i++) {
        if (!golden_has(t, i))
            continue;
        const double *begin = golden_numbers(t, "begin/", p->slot[i].name, p->elements[i]);
        for (size_t j = 0; j < p->elements[i]; j++)
            p->value[i][j] = (real)begin[j];
    }
}

static inline void golden_compare_all(Golden *t, const char *prefix, bool gradients,
                                      double tolerance)
{
    const Parameters *p = &t->parameters;
    for (size_t i = 0; i < p->count; i++)
        if (golden_has(t, i) && (!gradients || p->slot[i].trained))
            golden_compare(t, prefix, p->slot[i].name, gradients ? p->gradient[i] : p->value[i],
                           p->elements[i], tolerance);
}

static inline void golden_follows(Golden *t, GoldenTolerances tolerances)
{
    size_t outputs = t->videos * GOLDEN_CLASSES;
    Plan *plan = golden_plan(t, true);
    golden_begin(t);
    for (size_t step = 0; step < GOLDEN_STEPS; step++) {
        double expected = golden_numbers(t, "", "losses", GOLDEN_STEPS)[step];
        plan_forward(plan, 1, step);
        ck_assert_double_eq_tol(plan_loss(plan), expected,
                                (step ? tolerances.losses : tolerances.forward) * expected);
        plan_backward(plan);
        if (step == 0) {
            if (t->network.prediction.logits)
                golden_compare(t, "", "logits", plan_output(plan, t->network.prediction.logits),
                               outputs, tolerances.forward);
            golden_compare(t, "", "probabilities",
                           plan_output(plan, t->network.prediction.probabilities), outputs,
                           tolerances.forward);
            golden_compare_all(t, "gradient/", true, tolerances.gradient);
        }
        ck_assert(optimiser_step(&t->optimiser, GOLDEN_RATE, &t->failure));
    }
    plan_destroy(plan);
    if (tolerances.trained == 0)
        return;
    golden_compare_all(t, "end/", false, tolerances.trained);
    plan = golden_plan(t, false);
    plan_forward(plan, 1, 0);
    golden_compare(t, "", "prediction", plan_output(plan, t->network.prediction.probabilities),
                   outputs, tolerances.trained);
    plan_destroy(plan);
}

static inline void golden_nextvlad(GoldenTolerances tolerances)
{
    static Golden t;
    char *argv[] = { "test", GOLDEN_OPTIONS, "--normalization=dewhiten", NULL };
    golden_open(&t, "nextvlad", "tests/golden/nextvlad.safetensors", sizeof argv / sizeof *argv - 1,
                argv, false);
    golden_follows(&t, tolerances);
    golden_close(&t);
}

static inline void golden_mixture(GoldenTolerances tolerances)
{
    static Golden t;
    char *argv[] = { "test", GOLDEN_OPTIONS, "--mixture=3", NULL };
    golden_open(&t, "nextvlad", "tests/golden/nextvlad_mixture.safetensors",
                sizeof argv / sizeof *argv - 1, argv, true);
    golden_follows(&t, tolerances);
    golden_close(&t);
}

/* Bert, netvlad and gru, of which nothing is dropped in the golden files. */
typedef struct GoldenVideoModel {
    const char *model, *path;
    char *options[10];
} GoldenVideoModel;

#define GOLDEN_VIDEO_OPTIONS "--classes=10", "--l2=1e-3", "--moving-average=0.05"
#define GOLDEN_BERT GOLDEN_VIDEO_OPTIONS, "--dropout=0"

static const GoldenVideoModel golden_bert[] = {
    { "bert",
      "tests/golden/bert.safetensors",
      { GOLDEN_BERT, "--layers=2", "--heads=2", "--feed-forward=12", "--experts=2" } },
    { "bert",
      "tests/golden/bert_cross.safetensors",
      { GOLDEN_BERT, "--cross-modal", "--heads=4", "--feed-forward=6", "--aggregation=attention",
        "--experts=2", "--gate-probabilities" } },
    { "bert",
      "tests/golden/bert_flat.safetensors",
      { GOLDEN_BERT, "--layers=1", "--heads=5", "--feed-forward=6", "--aggregation=none",
        "--frames=4", "--experts=3" } },
    { "bert",
      "tests/golden/bert_first.safetensors",
      { GOLDEN_BERT, "--layers=1", "--heads=10", "--feed-forward=6", "--aggregation=first",
        "--experts=1" } },
    { "bert",
      "tests/golden/bert_compressed.safetensors",
      { GOLDEN_BERT, "--cross-modal", "--heads=1", "--feed-forward=5", "--aggregation=attention",
        "--experts=2", "--compression=3" } },
};

static const GoldenVideoModel golden_netvlad = {
    "netvlad",
    "tests/golden/netvlad.safetensors",
    { GOLDEN_VIDEO_OPTIONS, "--clusters=6", "--hidden=8", "--experts=2" },
};

static const GoldenVideoModel golden_gru = {
    "gru",
    "tests/golden/gru.safetensors",
    { GOLDEN_BERT, "--layers=2", "--cells=19", "--hidden=8", "--gate-reduction=4" },
};

static inline void golden_open_video_model(Golden *t, const GoldenVideoModel *of)
{
    char *argv[16] = { "test" };
    int argc = 1;
    for (; (size_t)argc <= sizeof of->options / sizeof *of->options && of->options[argc - 1];
         argc++)
        argv[argc] = of->options[argc - 1];
    golden_open(t, of->model, of->path, argc, argv, false);
}

static inline void golden_video_model(const GoldenVideoModel *of, GoldenTolerances tolerances)
{
    static Golden t;
    golden_open_video_model(&t, of);
    golden_follows(&t, tolerances);
    golden_close(&t);
}

#endif
