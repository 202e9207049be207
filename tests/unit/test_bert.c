/* BERT in floats: against PyTorch, the same bits, its ops by their definitions, and refusals. */
#include "golden_network.h"
#include "common/base/parallel.h"
#include "common/base/philox.h"
#include "common/base/sha256.h"
#include "gradient/gradient_check.h"

#define GOLDEN_CASES (sizeof golden_bert / sizeof *golden_bert)

/* As NeXtVLAD's, with longer chains between a parameter and the loss. */
static const GoldenTolerances tolerances = { 1e-5, 5e-5, 1e-4, 0 };

START_TEST(bert_follows_pytorch)
{
    golden_video_model(&golden_bert[_i], tolerances);
}
END_TEST

/* ---- single ops on the frames of four videos: none, one, several, and more than a block ---- */

#define VIDEOS 4
#define FRAMES 156
#define WIDTH 24
#define PLAN_FRAMES (FRAMES + 50)

static const uint32_t offsets[VIDEOS + 1] = { 0, 0, 1, 6, FRAMES };

typedef struct Ops {
    Arena arena;
    Failure failure;
    Device device;
    Graph *g;
    const Rows *batch, *frames;
    Plan *plan;
} Ops;

static void open_ops(Ops *o)
{
    *o = (Ops){ 0 };
    ck_assert(arena_open(&o->arena, ARENA_LARGE, &o->failure));
    ck_assert(device_open_cpu(&o->device, &o->arena, &o->failure));
    o->g = graph_create(&o->arena, &o->failure);
    o->batch = graph_rows(o->g, "batch", NULL);
    o->frames = graph_rows(o->g, "frames", o->batch);
}

static void plan_ops(Ops *o, const Tensor outputs[], size_t count, size_t frames)
{
    if (count > 1)
        graph_loss(o->g, "first", columns(o->g, mean_by_video(o->g, outputs[0]), 0, 1), 1);
    ck_assert_msg(graph_finish(o->g, &o->failure), "%s", o->failure.message);
    o->plan = plan_create(o->g, &o->device, (size_t[]){ VIDEOS, frames }, outputs, count, count > 1,
                          &o->arena, &o->failure);
    ck_assert_msg(o->plan != NULL, "%s", o->failure.message);
    ck_assert(plan_bind_rows(o->plan, o->batch, VIDEOS, NULL, &o->failure)
              && plan_bind_rows(o->plan, o->frames, FRAMES, offsets, &o->failure));
}

static void close_ops(Ops *o)
{
    plan_destroy(o->plan);
    arena_close(&o->arena);
}

/* ---- attention ---- */

#define HEADS 3
#define HEAD (WIDTH / HEADS)

static const real *attend(Ops *o, Tensor *y, const real *data)
{
    open_ops(o);
    Tensor x = input(o->g, "x", TYPE_REAL, shape_rows(o->frames, 3 * WIDTH));
    *y = attention(o->g, "attention", x, (Attention){ HEADS, 0 });
    plan_ops(o, y, 1, FRAMES);
    plan_bind_input(o->plan, x, data);
    plan_forward(o->plan, 1, 0);
    return plan_output(o->plan, *y);
}

/* softmax(q k^T / sqrt(w)) v of one frame and head, as it is written. */
static void define_attention(const real *x, size_t video, size_t i, size_t head, double y[HEAD])
{
    double sum = 0;
    const real *q = x + i * 3 * WIDTH + head * HEAD;
    memset(y, 0, HEAD * sizeof *y);
    for (size_t j = offsets[video]; j < offsets[video + 1]; j++) {
        const real *k = x + j * 3 * WIDTH + WIDTH + head * HEAD, *v = k + WIDTH;
        double score = 0;
        for (size_t d = 0; d < HEAD; d++)
            score += (double)q[d] * (double)k[d];
        double p = exp(score / sqrt(HEAD));
        sum += p;
        for (size_t d = 0; d < HEAD; d++)
            y[d] += p * (double)v[d];
    }
    for (size_t d = 0; d < HEAD; d++)
        y[d] /= sum;
}

START_TEST(attention_is_what_its_definition_says_in_videos_of_any_length)
{
    static real data[FRAMES * 3 * WIDTH];
    Ops o;
    Tensor y;
    check_fill(data, FRAMES * 3 * WIDTH, -2, 2, "x");
    const real *computed = attend(&o, &y, data);
    for (size_t video = 0; video < VIDEOS; video++)
        for (size_t i = offsets[video]; i < offsets[video + 1]; i++)
            for (size_t head = 0; head < HEADS; head++) {
                double expected[HEAD];
                define_attention(data, video, i, head, expected);
                for (size_t d = 0; d < HEAD; d++) // floats, sums of 150 terms
                    ck_assert_double_eq_tol((double)computed[i * WIDTH + head * HEAD + d],
                                            expected[d], 1e-5);
            }
    close_ops(&o);
}
END_TEST

/* Values that are 1 in one head alone: its part of the output is 1, all others are 0. */
START_TEST(a_head_gives_its_own_part_and_its_weights_sum_to_1)
{
    static real data[FRAMES * 3 * WIDTH];
    Ops o;
    Tensor y;
    check_fill(data, FRAMES * 3 * WIDTH, -2, 2, "x");
    for (size_t i = 0; i < FRAMES; i++)
        for (size_t j = 0; j < WIDTH; j++)
            data[(i * 3 + 2) * WIDTH + j] = j / HEAD == 1;
    const real *computed = attend(&o, &y, data);
    for (size_t i = 0; i < FRAMES * WIDTH; i++)
        ck_assert_double_eq_tol((double)computed[i], i % WIDTH / HEAD == 1, 1e-6);
    close_ops(&o);
}
END_TEST

/* With one frame a video all weight is on that frame: what is seen of v is what dropout left of it. */
START_TEST(attention_drops_with_the_rate_and_makes_up_for_it)
{
    enum { ROWS = 2000 };
    static real data[ROWS * 3];
    static uint32_t first[ROWS + 1];
    Arena arena;
    Device device;
    Failure failure = { 0 };
    size_t dropped = 0;
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    ck_assert(device_open_cpu(&device, &arena, &failure));
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL), *frames = graph_rows(g, "frames", batch);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(frames, 3));
    Tensor y = attention(g, "attention", x, (Attention){ 1, 0.25 });
    graph_want_gradient(g, x);
    graph_loss(g, "y", y, 1);
    Plan *plan = plan_create(g, &device, (size_t[]){ ROWS, ROWS }, &y, 1, true, &arena, &failure);
    ck_assert_msg(plan != NULL, "%s", failure.message);
    for (uint32_t i = 0; i <= ROWS; i++)
        first[i] = i;
    for (size_t i = 0; i < ROWS * 3; i++)
        data[i] = 1;
    ck_assert(plan_bind_rows(plan, batch, ROWS, NULL, &failure)
              && plan_bind_rows(plan, frames, ROWS, first, &failure));
    plan_bind_input(plan, x, data);
    plan_forward(plan, 1, 0);
    for (size_t i = 0; i < ROWS; i++) {
        real seen = plan_output(plan, y)[i];
        ck_assert(seen == 0 || fabs((double)seen - 1 / 0.75) < 1e-6);
        dropped += seen == 0;
    }
    ck_assert_uint_gt(dropped, ROWS / 4 - 80); // four standard deviations of 19
    ck_assert_uint_lt(dropped, ROWS / 4 + 80);
    plan_destroy(plan);
    arena_close(&arena);
}
END_TEST

/* ---- layer norm: one pass against the ops it replaces, in training ---- */

START_TEST(a_layer_norm_of_a_sum_is_dropout_add_and_layer_norm)
{
    static real data[2][FRAMES * WIDTH], ones[WIDTH], zeros[WIDTH];
    Ops o;
    open_ops(&o);
    Tensor x = input(o.g, "x", TYPE_REAL, shape_rows(o.frames, WIDTH));
    Tensor u = input(o.g, "u", TYPE_REAL, shape_rows(o.frames, WIDTH));
    Tensor scale = parameter(o.g, "scale", shape_vector(WIDTH), (Initializer){ 0 });
    Tensor shift = parameter(o.g, "shift", shape_vector(WIDTH), (Initializer){ 0 });
    Tensor sum = add(o.g, x, dropout(o.g, "drop", u, 0.3));
    LayerNorm settings = { 1e-12, 0.3 };
    Tensor fused = layer_norm(o.g, "drop", x, u, scale, shift, settings);
    Tensor parts = layer_norm(o.g, "none", sum, NULL, scale, shift, settings);
    plan_ops(&o, (Tensor[]){ fused, parts }, 2, FRAMES);
    check_fill(data[0], FRAMES * WIDTH, -1, 1, "x");
    check_fill(data[1], FRAMES * WIDTH, -1, 1, "u");
    for (size_t j = 0; j < WIDTH; j++)
        ones[j] = 1;
    plan_bind_parameters(o.plan, (real *const[]){ ones, zeros },
                         (real *const[]){ (real[WIDTH]){ 0 }, (real[WIDTH]){ 0 } });
    plan_bind_input(o.plan, x, data[0]);
    plan_bind_input(o.plan, u, data[1]);
    plan_forward(o.plan, 1, 5);
    for (size_t i = 0; i < FRAMES; i++) {
        const real *y = plan_output(o.plan, fused) + i * WIDTH;
        double mean = 0, square = 0;
        ck_assert_mem_eq(y, plan_output(o.plan, parts) + i * WIDTH, WIDTH * sizeof *y);
        for (size_t j = 0; j < WIDTH; j++) {
            mean += (double)y[j] / WIDTH;
            square += (double)(y[j] * y[j]) / WIDTH;
        }
        ck_assert_double_eq_tol(mean, 0, 1e-6);
        ck_assert_double_eq_tol(square, 1, 1e-5);
    }
    close_ops(&o);
}
END_TEST

/* ---- rows of videos ---- */

START_TEST(leading_rows_repeat_a_videos_last_and_are_0_where_there_are_none)
{
    static real data[FRAMES];
    static const real expected[VIDEOS][3] = { { 0, 0, 0 }, { 1, 1, 1 }, { 2, 3, 4 }, { 7, 8, 9 } };
    Ops o;
    open_ops(&o);
    Tensor x = input(o.g, "x", TYPE_REAL, shape_rows(o.frames, 1));
    Tensor y = leading_rows(o.g, x, 3);
    plan_ops(&o, &y, 1, PLAN_FRAMES);
    for (size_t i = 0; i < FRAMES; i++)
        data[i] = (real)(i + 1);
    plan_bind_input(o.plan, x, data);
    plan_forward(o.plan, 1, 0);
    ck_assert_mem_eq(plan_output(o.plan, y), expected, sizeof expected);
    close_ops(&o);
}
END_TEST

/* ---- the same bits ---- */

typedef struct Step {
    Arena arena;
    Failure failure;
    Device device;
    OptionValues values;
    NetworkSpec spec;
    Network network;
    Parameters parameters;
    uint8_t *bytes;
} Step;

static void open_step(Step *s, int argc, char *argv[])
{
    *s = (Step){ .spec = { .model = model_find("bert"),
                           .values = &s->values,
                           .features = { { { "rgb", 96 }, { "audio", 32 } }, 2, 128 } } };
    const Option *tables[] = { s->spec.model->options, network_options };
    ck_assert(arena_open(&s->arena, ARENA_LARGE, &s->failure));
    ck_assert(device_open_cpu(&s->device, &s->arena, &s->failure));
    ck_assert_msg(options_parse(&s->values, tables, 2, argc, argv, &s->arena, &s->failure), "%s",
                  s->failure.message);
    network_spec_read(&s->spec, &s->values);
    ck_assert_msg(network_build(&s->network, &s->spec, true, &s->arena, &s->failure)
                      && parameters_create(&s->parameters, s->network.graph, &s->device, true,
                                           &s->arena, &s->failure)
                      && arena_array(&s->arena, s->bytes, FRAMES * 128, &s->failure),
                  "%s", s->failure.message);
    for (size_t i = 0; i < FRAMES * 128; i++) {
        uint32_t words[4];
        philox(philox_key(3, "data"), 0, i, words);
        s->bytes[i] = (uint8_t)words[0];
    }
}

/* The hash of loss, parameters and gradients after forward and backward. */
static void digest_step(Step *s, size_t most_frames, char hex[SHA256_HEX_BYTES])
{
    static const uint32_t label_first[VIDEOS + 1] = { 0, 1, 2, 3, 4 }, classes[] = { 3, 1, 4, 1 };
    static const real scores[] = { 1, 0.5f, 1, 0.25f };
    const Network *n = &s->network;
    const Parameters *p = &s->parameters;
    Sha256 hash;
    ck_assert(parameters_initialise(&s->parameters, 1, s->arena, &s->failure));
    Plan *plan = plan_create(n->graph, &s->device, (size_t[]){ VIDEOS, most_frames, VIDEOS }, NULL,
                             0, true, &s->arena, &s->failure);
    ck_assert_msg(plan != NULL, "%s", s->failure.message);
    plan_bind_parameters(plan, p->value, p->gradient);
    ck_assert(plan_bind_rows(plan, n->batch, VIDEOS, NULL, &s->failure)
              && plan_bind_rows(plan, n->frames, FRAMES, offsets, &s->failure)
              && plan_bind_rows(plan, n->labels, VIDEOS, label_first, &s->failure));
    plan_bind_input(plan, n->features, s->bytes);
    plan_bind_input(plan, n->label_classes, classes);
    plan_bind_input(plan, n->label_scores, scores);
    plan_forward(plan, 1, 7);
    double loss = plan_loss(plan);
    ck_assert(isfinite(loss));
    plan_backward(plan);
    sha256_begin(&hash);
    sha256_add(&hash, &loss, sizeof loss);
    for (size_t i = 0; i < p->count; i++)
        if (p->slot[i].trained)
            sha256_add(&hash, p->gradient[i], p->elements[i] * sizeof(real));
    sha256_end(&hash, hex);
    plan_destroy(plan);
}

START_TEST(a_step_has_the_same_bits_for_any_number_of_threads_and_any_bounds)
{
    static Step s;
    char first[SHA256_HEX_BYTES], again[SHA256_HEX_BYTES];
    char *argv[] = { "test",
                     "--heads=4",
                     "--feed-forward=200",
                     "--dropout=0.2",
                     "--cross-modal",
                     "--layers=3",
                     "--aggregation=attention",
                     "--classes=50",
                     "--gate-probabilities",
                     NULL };
    open_step(&s, sizeof argv / sizeof *argv - 1, argv);
    parallel_threads(1);
    digest_step(&s, FRAMES, first);
    for (size_t threads = 2; threads <= 5; threads++) {
        parallel_threads(threads);
        digest_step(&s, threads * FRAMES, again);
        ck_assert_str_eq(first, again);
    }
    parameters_destroy(&s.parameters);
    arena_close(&s.arena);
}
END_TEST

/* ---- what can't be built says why ---- */

static const char *refusal(int argc, char *argv[], size_t features)
{
    static Step s;
    s = (Step){ .spec = { .model = model_find("bert"),
                          .values = &s.values,
                          .features = { { { "rgb", 12 }, { "audio", 8 } },
                                        features,
                                        features == 2 ? 20 : 12 } } };
    const Option *tables[] = { s.spec.model->options, network_options };
    ck_assert(arena_open(&s.arena, ARENA_LARGE, &s.failure));
    ck_assert(options_parse(&s.values, tables, 2, argc, argv, &s.arena, &s.failure));
    network_spec_read(&s.spec, &s.values);
    ck_assert(!network_build(&s.network, &s.spec, true, &s.arena, &s.failure));
    ck_assert_int_eq(s.failure.code, EX_CONFIG);
    return s.failure.message;
}

START_TEST(what_can_not_be_built_says_why)
{
    ck_assert_str_eq(refusal(2, (char *[]){ "", "--heads=8", NULL }, 2),
                     "layer-0/attention: [frames, 60]: 8 heads do not divide a width of 20");
    ck_assert_str_eq(refusal(3, (char *[]){ "", "--heads=2", "--compression=3", NULL }, 2),
                     "layer-0/attention: [frames, 21]: 2 heads do not divide a width of 7");
    ck_assert_str_eq(refusal(2, (char *[]){ "", "--cross-modal", NULL }, 1),
                     "cross-modal takes two features, rgb and audio; the dataset has 1");
    ck_assert_str_eq(refusal(3, (char *[]){ "", "--mixture=3", "--heads=4", NULL }, 2),
                     "bert has no logits, so it can't be a member of a mixture");
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("BERT");
    tcase_add_loop_test(cases, bert_follows_pytorch, 0, (int)GOLDEN_CASES);
    tcase_add_test(cases, attention_is_what_its_definition_says_in_videos_of_any_length);
    tcase_add_test(cases, a_head_gives_its_own_part_and_its_weights_sum_to_1);
    tcase_add_test(cases, attention_drops_with_the_rate_and_makes_up_for_it);
    tcase_add_test(cases, a_layer_norm_of_a_sum_is_dropout_add_and_layer_norm);
    tcase_add_test(cases, leading_rows_repeat_a_videos_last_and_are_0_where_there_are_none);
    tcase_add_test(cases, a_step_has_the_same_bits_for_any_number_of_threads_and_any_bounds);
    tcase_add_test(cases, what_can_not_be_built_says_why);
    return run_case("BERT", cases);
}
