/* A batch that is run in parts: the same bits where samples don't depend on one another. */
#include "common/base/parallel.h"
#include "common/base/philox.h"
#include "common/learn/learner.h"
#include "common/tensor/ops.h"
#include "models/layers/linear.h"
#include "models/layers/network.h"
#include "models/layers/normalization.h"
#include "models/layers/recurrent.h"

#include <math.h>
#include <string.h>

#include "suite.h"

#define VIDEOS 29
#define WIDTH 24
#define SLICE 4
#define MOST_PARAMETERS 24

static void fill(real *x, size_t n, const char *purpose)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        philox(philox_key(5, purpose), 0, i, words);
        x[i] = (real)(philox_uniform(words[0]) - 0.5);
    }
}

/* A graph over frames with every op that sums over rows or draws by row, and its parameters. */
typedef struct Fixture {
    Arena arena;
    Failure failure;
    Device device;
    Graph *g;
    const Rows *batch, *frames;
    Tensor x;
    uint32_t offsets[VIDEOS + 1];
    real *data, *values[MOST_PARAMETERS], *gradients[MOST_PARAMETERS];
    size_t sizes[MOST_PARAMETERS], count;
} Fixture;

static void open_fixture(Fixture *f)
{
    *f = (Fixture){ 0 };
    ck_assert(arena_open(&f->arena, ARENA_LARGE, &f->failure));
    ck_assert_msg(device_open_cpu(&f->device, &f->arena, &f->failure), "%s", f->failure.message);
    f->g = graph_create(&f->arena, &f->failure);
    f->batch = graph_rows(f->g, "batch", NULL);
    f->frames = graph_rows(f->g, "frames", f->batch);
    f->x = input(f->g, "x", TYPE_REAL, shape_rows(f->frames, WIDTH));
    for (size_t i = 0; i < VIDEOS; i++) // some videos have no frames
        f->offsets[i + 1] = f->offsets[i] + (uint32_t)(i % 7 == 3 ? 0 : 1 + i * i % 23);
    ck_assert(arena_array(&f->arena, f->data, f->offsets[VIDEOS] * WIDTH, &f->failure));
    fill(f->data, f->offsets[VIDEOS] * WIDTH, "x");
}

/* Sums of clusters, of frames that were expanded and of frames whose expansion is moved. */
static Tensor pool(Graph *g, Tensor h, Tensor x)
{
    size_t groups[] = { 2, 6 }, assignment[] = { 2, 5 }, maps[] = { 2, WIDTH, 6 };
    Tensor l = reshape(g, linear(g, "logits", h, 10, normal(1), constant(0)), 2, assignment);
    Tensor w = soft_assignment(g, l, linear(g, "attention", h, 2, normal(1), constant(0)));
    Tensor c = parameter(g, "centres", shape_matrix(6, 5), normal(1));
    Tensor E =
        parameter(g, "expansion", (Shape){ NULL, 3, { maps[0], maps[1], maps[2] } }, normal(1));
    Tensor b = parameter(g, "expansion-bias", shape_matrix(2, 6), normal(1));
    Tensor V = aggregate(g, reshape(g, h, 2, groups), w, c); // the centres are read twice
    Tensor U = aggregate_expanded(g, x, w, E, b, c);
    return flatten(g, normalize_columns(g, add(g, V, U)));
}

static void build(Fixture *f)
{
    open_fixture(f);
    Graph *g = f->g;
    Tensor shared = parameter(g, "shared", shape_matrix(WIDTH, 12), normal(1));
    Tensor mixed = parameter(g, "mixed", shape_matrix(12, 12), normal(1));
    Tensor bias = parameter(g, "bias", shape_vector(12), normal(1));
    Tensor product = affine(g, shared, mixed, NULL); // of parameters alone
    Tensor first = relu(g, affine(g, l2_normalize(g, f->x), shared, bias));
    Tensor second = affine(g, f->x, product, NULL);
    Tensor third = affine(g, multiply(g, first, sigmoid(g, second)), mixed, bias);
    Tensor h = dropout(g, "frames", add(g, third, affine(g, f->x, shared, NULL)), 0.3);
    Tensor recurrent = last_by_video(g, recurrent_units(g, "recurrent", h, 5));
    Tensor z = concatenate(g, (Tensor[]){ pool(g, h, f->x), mean_by_video(g, h), recurrent }, 3);
    z = linear(g, "head", dropout(g, "videos", z, 0.4), 9, normal(1), constant(0));
    graph_loss(g, "of videos", columns(g, softmax(g, z), 0, 1), 1.5);
    graph_loss(g, "of frames", columns(g, multiply(g, h, h), 3, 1), 0.25);
    graph_loss(g, "of parameters",
               columns(g, reshape(g, product, 1, (size_t[]){ WIDTH * 12 }), 7, 1), 0.5);
    graph_penalty(g, shared, 0.1);
    graph_slice(g, SLICE);
    ck_assert(!graph_couples_samples(g));
    ck_assert_msg(graph_finish(g, &f->failure), "%s", f->failure.message);
    f->count = graph_parameter_count(g);
    ck_assert_uint_le(f->count, MOST_PARAMETERS);
    for (size_t i = 0; i < f->count; i++) {
        ParameterSlot slot = graph_parameter(g, i);
        f->sizes[i] = shape_elements(slot.shape);
        ck_assert(arena_array(&f->arena, f->values[i], f->sizes[i], &f->failure));
        ck_assert(arena_array(&f->arena, f->gradients[i], f->sizes[i], &f->failure));
        fill(f->values[i], f->sizes[i], slot.name);
    }
}

static Plan *plan_of(Fixture *f, size_t most)
{
    size_t bounds[] = { most, 23 * most };
    Plan *plan = plan_create(f->g, &f->device, bounds, NULL, 0, true, &f->arena, &f->failure);
    ck_assert_msg(plan != NULL, "%s", f->failure.message);
    plan_bind_parameters(plan, f->values, f->gradients);
    return plan;
}

/* Run all videos in parts of so many; the loss. */
static double run(Fixture *f, Plan *plan, size_t part)
{
    for (size_t begin = 0; begin < VIDEOS; begin += part) {
        size_t end = begin + part < VIDEOS ? begin + part : VIDEOS;
        uint32_t first = f->offsets[begin], last = f->offsets[end];
        PlanPart videos = { begin, end - begin, VIDEOS };
        PlanPart frames = { first, last - first, f->offsets[VIDEOS] };
        ck_assert_msg(
            plan_bind_part(plan, f->batch, videos, NULL, &f->failure)
                && plan_bind_part(plan, f->frames, frames, f->offsets + begin, &f->failure),
            "%s", f->failure.message);
        plan_bind_input(plan, f->x, f->data + first * WIDTH);
        plan_forward(plan, 11, 2);
        plan_backward(plan);
    }
    return plan_loss(plan);
}

static real *gradients_of(Fixture *f)
{
    size_t n = 0;
    real *copy;
    for (size_t i = 0; i < f->count; i++)
        n += f->sizes[i];
    ck_assert(arena_array(&f->arena, copy, n, &f->failure));
    for (size_t i = 0, at = 0; i < f->count; at += f->sizes[i++])
        memcpy(copy + at, f->gradients[i], f->sizes[i] * sizeof *copy);
    return copy;
}

static void check_gradients(Fixture *f, const real *expected)
{
    for (size_t i = 0; i < f->count; expected += f->sizes[i++])
        ck_assert_msg(memcmp(expected, f->gradients[i], f->sizes[i] * sizeof *expected) == 0,
                      "the gradient of %s differs", graph_parameter(f->g, i).name);
}

START_TEST(parts_of_whole_slices_change_no_bit)
{
    Fixture f;
    build(&f);
    double loss = run(&f, plan_of(&f, VIDEOS), VIDEOS);
    const real *expected = gradients_of(&f);
    for (size_t part = SLICE; part < VIDEOS; part += SLICE) {
        Plan *plan = plan_of(&f, part);
        parallel_threads(1 + part % 3);
        for (size_t again = 0; again < 2; again++) { // nothing of a batch is left for the next
            double own = run(&f, plan, part);
            ck_assert_msg(own == loss, "parts of %zu: a loss of %.17g, not %.17g", part, own, loss);
            check_gradients(&f, expected);
        }
        plan_destroy(plan);
    }
}
END_TEST

START_TEST(parts_take_less_memory)
{
    Fixture f;
    build(&f);
    size_t whole = plan_bytes(plan_of(&f, 16 * SLICE)), part = plan_bytes(plan_of(&f, SLICE));
    ck_assert_uint_lt(part, whole / 4); // what depends on parameters alone stays
}
END_TEST

START_TEST(without_slices_parts_give_the_same_sums_up_to_rounding)
{
    Fixture f;
    build(&f);
    graph_slice(f.g, 0);
    double loss = run(&f, plan_of(&f, VIDEOS), VIDEOS);
    const real *expected = gradients_of(&f);
    double own = run(&f, plan_of(&f, 5), 5);
    ck_assert_double_eq_tol(own, loss, 1e-6 * fabs(loss));
    for (size_t i = 0; i < f.count; expected += f.sizes[i++])
        for (size_t j = 0; j < f.sizes[i]; j++) {
            double size = fmax(1, fabs((double)expected[j]));
            ck_assert_double_eq_tol((double)f.gradients[i][j], (double)expected[j], 1e-4 * size);
        }
}
END_TEST

START_TEST(a_part_that_begins_within_a_slice_is_refused)
{
    Fixture f;
    build(&f);
    ck_assert(!plan_bind_part(plan_of(&f, VIDEOS), f.batch, (PlanPart){ 6, 4, VIDEOS }, NULL,
                              &f.failure));
    ck_assert_int_eq(f.failure.code, EX_SOFTWARE);
    ck_assert_str_eq(f.failure.message, "a part begins at batch 6; slices are of 4");
}
END_TEST

/* ---- through the learner ---- */

#define SAMPLES 600
#define FEATURES 40
#define MOST_FRAMES 4 // of a sample
#define CLASSES 23

typedef struct Bench {
    Arena arena;
    Failure failure;
    Device device;
    OptionValues values;
    Network network;
    NetworkParts parts;
    Parameters parameters;
    Optimiser optimiser;
    Learner learner;
    real features[SAMPLES * FEATURES], label_score[SAMPLES];
    uint8_t frames[MOST_FRAMES * SAMPLES * FEATURES];
    uint32_t row_first[SAMPLES + 1], label_first[SAMPLES + 1], label_class[SAMPLES];
    Batch batch;
    double loss;
} Bench;

static void fill_batch(Bench *b)
{
    bool of_frames = b->network.frames != NULL;
    fill(b->features, SAMPLES * FEATURES, "features");
    for (size_t i = 0; i < sizeof b->frames; i++)
        b->frames[i] = (uint8_t)(i * i % 251);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        bool has_label = i % 5 != 2; // so counts of labels and samples part
        b->label_first[i + 1] = b->label_first[i] + has_label;
        b->label_class[b->label_first[i]] = i % CLASSES;
        b->label_score[b->label_first[i]] = 1;
        b->row_first[i + 1] = b->row_first[i] + 1 + i % MOST_FRAMES;
    }
    b->batch = (Batch){ .count = SAMPLES,
                        .width = FEATURES,
                        .rows = of_frames ? b->row_first[SAMPLES] : SAMPLES,
                        .row_first = b->row_first,
                        .frames = of_frames ? b->frames : NULL,
                        .values = of_frames ? NULL : b->features,
                        .label_first = b->label_first,
                        .label_class = b->label_class,
                        .label_score = b->label_score };
}

static void open_learner(Bench *b, size_t part)
{
    size_t axes[FEED_MOST_AXES];
    const Network *n = &b->network;
    Feed feed = { n->batch, n->frames, n->labels, n->features, n->label_classes, n->label_scores };
    feed_bounds(&feed, (LoaderBounds){ part, MOST_FRAMES * part, part }, axes);
    Plan *plan = plan_create(n->graph, &b->device, axes, NULL, 0, true, &b->arena, &b->failure);
    ck_assert_msg(plan != NULL, "%s", b->failure.message);
    plan_bind_parameters(plan, b->parameters.value, b->parameters.gradient);
    b->learner = (Learner){ .feed = feed,
                            .plan = plan,
                            .parameters = &b->parameters,
                            .optimiser = &b->optimiser,
                            .seed = 3,
                            .part = part };
}

/* Five steps of a model in parts of so many samples. Kept until the test ends. */
static Bench *trained(const char *model, double mixup, size_t part)
{
    static Bench *kept[64];
    static size_t count;
    Bench *b = calloc(1, sizeof *b);
    ck_assert_uint_lt(count, sizeof kept / sizeof *kept);
    kept[count++] = b;
    char *of_bert[] = {
        "test", "--layers=1", "--heads=2", "--feed-forward=24", "--experts=2", NULL
    };
    char *of_resnet[] = { "test", "--inner=16", NULL },
         *of_others[] = { "test", "--l2=0.01", NULL };
    bool is_resnet = strcmp(model, "resnet-like") == 0, is_bert = strcmp(model, "bert") == 0;
    char **argv = is_bert ? of_bert : is_resnet ? of_resnet : of_others;
    ck_assert_ptr_nonnull(b);
    NetworkSpec spec = { .model = model_find(model),
                         .values = &b->values,
                         .features = { { { "rgb", 30 }, { "audio", 10 } }, 2, FEATURES } };
    OptimiserSettings adam = { OPTIMISER_ADAM, CLIP_GLOBAL, 1 };
    ck_assert(arena_open(&b->arena, (size_t)1 << 32, &b->failure));
    ck_assert(device_open_cpu(&b->device, &b->arena, &b->failure));
    ck_assert_msg(options_parse(&b->values,
                                (const Option *[]){ spec.model->options, network_options }, 2,
                                is_bert ? 5 : 2, argv, &b->arena, &b->failure),
                  "%s", b->failure.message);
    network_spec_read(&spec, &b->values);
    spec.classes = CLASSES;
    spec.mixup = mixup;
    ck_assert_msg(
        network_parts(&b->parts, &spec, &b->device, b->arena, &b->failure)
            && network_build(&b->network, &spec, true, &b->arena, &b->failure)
            && parameters_create(&b->parameters, b->network.graph, &b->device, true, &b->arena,
                                 &b->failure)
            && parameters_initialise(&b->parameters, 1, b->arena, &b->failure)
            && optimiser_create(&b->optimiser, adam, &b->parameters, &b->arena, &b->failure),
        "%s", b->failure.message);
    fill_batch(b);
    open_learner(b, part);
    for (uint64_t step = 0; step < 5; step++)
        ck_assert_msg(learner_step(&b->learner, &b->batch, 0.01, step, &b->loss, &b->failure), "%s",
                      b->failure.message);
    return b;
}

static bool same_parameters(const Bench *a, const Bench *b)
{
    const Parameters *p = &a->parameters;
    bool same = a->loss == b->loss;
    for (size_t i = 0; i < p->count; i++)
        same = same
            && memcmp(p->value[i], b->parameters.value[i], p->elements[i] * sizeof(real)) == 0
            && memcmp(a->optimiser.square[i], b->optimiser.square[i], p->elements[i] * sizeof(real))
                == 0;
    return same;
}

START_TEST(steps_in_parts_are_the_same_steps)
{
    static const char *const names[] = { "bert", "logistic", "moe" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const Bench *whole = trained(names[i], 0, SAMPLES);
        size_t slice = whole->network.frames ? NETWORK_SLICE_OF_FRAMES : NETWORK_SLICE_OF_VIDEOS;
        ck_assert(!whole->parts.changes);
        ck_assert_uint_eq(whole->parts.slice, slice);
        for (size_t part = slice; part < SAMPLES; part += 2 * slice)
            ck_assert_msg(same_parameters(whole, trained(names[i], 0, part)), "%s in parts of %zu",
                          names[i], part);
    }
}
END_TEST

START_TEST(batch_statistics_and_mixup_change_with_parts_and_say_so)
{
    const Bench *normalized = trained("resnet-like", 0, SAMPLES),
                *mixed = trained("moe", 0.4, SAMPLES);
    ck_assert(normalized->parts.changes && mixed->parts.changes);
    ck_assert_uint_eq(mixed->parts.slice, 0);
    ck_assert(!same_parameters(normalized, trained("resnet-like", 0, 256)));
    const Bench *parts = trained("moe", 0.4, 256);
    ck_assert(!same_parameters(mixed, parts));
    ck_assert_double_eq_tol(parts->loss, mixed->loss, 0.1 * mixed->loss); // they learn alike
}
END_TEST

int main(void)
{
    return RUN_SUITE("parts", parts_of_whole_slices_change_no_bit, parts_take_less_memory,
                     without_slices_parts_give_the_same_sums_up_to_rounding,
                     a_part_that_begins_within_a_slice_is_refused,
                     steps_in_parts_are_the_same_steps,
                     batch_statistics_and_mixup_change_with_parts_and_say_so);
}
