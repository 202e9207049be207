/* NeXtVLAD and its mixture in floats: against PyTorch, the same bits, and memory. */
#include "golden_network.h"
#include "common/base/parallel.h"
#include "common/base/philox.h"
#include "common/base/sha256.h"

/*
 * Floats round to 6e-8; sums over some hundred products and batch normalisation over five videos, which
 * divides by small deviations, leave 1e-5. Adam divides a gradient by its own size; that of a descriptor's
 * shift is zero (the next batch normalisation takes it away), so Adam makes steps of what rounding left of
 * it. The losses don't depend on it; the parameters themselves are compared in double alone.
 */
static const GoldenTolerances tolerances = { 1e-5, 1e-5, 1e-4, 0 };

START_TEST(nextvlad_follows_pytorch)
{
    golden_nextvlad(tolerances);
}
END_TEST

START_TEST(a_mixture_of_rated_segments_follows_pytorch)
{
    golden_mixture(tolerances);
}
END_TEST

/* ---- a network with data for several pieces in every phase ---- */

#define VIDEOS 20
#define FRAMES 900

typedef struct Fixture {
    Arena arena;
    Failure failure;
    Device device;
    NetworkSpec spec;
    OptionValues values;
    Network network;
    Parameters parameters;
    uint32_t frame_first[VIDEOS + 1], label_first[VIDEOS + 1], label_class[VIDEOS];
    float label_score[VIDEOS];
    uint8_t *bytes;
} Fixture;

/* frames: of a video, as the model is told */
static void build(Fixture *f, size_t rgb, size_t audio, int argc, char *argv[], double mixup,
                  size_t frames)
{
    *f = (Fixture){ 0 };
    ck_assert(arena_open(&f->arena, ARENA_LARGE, &f->failure));
    ck_assert(device_open_cpu(&f->device, &f->arena, &f->failure));
    f->spec =
        (NetworkSpec){ .model = model_find("nextvlad"),
                       .values = &f->values,
                       .features = { { { "rgb", rgb }, { "audio", audio } }, 2, rgb + audio } };
    ck_assert_msg(options_parse(&f->values,
                                (const Option *[]){ f->spec.model->options, network_options }, 2,
                                argc, argv, &f->arena, &f->failure),
                  "%s", f->failure.message);
    network_spec_read(&f->spec, &f->values);
    f->spec.most_videos = VIDEOS;
    f->spec.most_frames = VIDEOS * frames;
    f->spec.mixup = mixup;
    f->spec.masked = mixup > 0;
    ck_assert_msg(network_build(&f->network, &f->spec, true, &f->arena, &f->failure), "%s",
                  f->failure.message);
}

static void fill(Fixture *f)
{
    size_t width = f->spec.features.width;
    PhiloxKey key = philox_key(3, "data");
    ck_assert(arena_array(&f->arena, f->bytes, FRAMES * width, &f->failure));
    for (size_t i = 0; i < FRAMES * width; i++) {
        uint32_t words[4];
        philox(key, 0, i, words);
        f->bytes[i] = (uint8_t)words[0];
    }
    for (uint32_t i = 0; i < VIDEOS; i++) {
        f->frame_first[i] = i * i * 2; // 2, 6, 10, ... frames, and 178
        f->label_first[i] = i;
        f->label_class[i] = i * 7 % (uint32_t)f->spec.classes;
        f->label_score[i] = (float)(i % 3) / 2;
    }
    f->frame_first[VIDEOS] = FRAMES;
    f->label_first[VIDEOS] = VIDEOS;
    ck_assert(parameters_create(&f->parameters, f->network.graph, &f->device, true, &f->arena,
                                &f->failure));
}

static Plan *make_plan(Fixture *f, size_t videos, size_t frames)
{
    const Network *n = &f->network;
    Plan *plan = plan_create(n->graph, &f->device, (size_t[]){ videos, frames, videos },
                             &n->prediction.logits, 1, true, &f->arena, &f->failure);
    ck_assert_msg(plan != NULL, "%s", f->failure.message);
    return plan;
}

static void bind(Fixture *f, Plan *plan)
{
    const Network *n = &f->network;
    plan_bind_parameters(plan, f->parameters.value, f->parameters.gradient);
    ck_assert(plan_bind_rows(plan, n->batch, VIDEOS, NULL, &f->failure)
              && plan_bind_rows(plan, n->frames, FRAMES, f->frame_first, &f->failure)
              && plan_bind_rows(plan, n->labels, VIDEOS, f->label_first, &f->failure));
    plan_bind_input(plan, n->features, f->bytes);
    plan_bind_input(plan, n->label_classes, f->label_class);
    plan_bind_input(plan, n->label_scores, f->label_score);
}

/* Everything that a training step computes, in one digest. */
static void digest_step(Fixture *f, size_t videos, size_t frames, char hex[SHA256_HEX_BYTES])
{
    Sha256 hash;
    const Parameters *p = &f->parameters;
    Plan *plan = make_plan(f, videos, frames);
    bind(f, plan);
    ck_assert(parameters_initialise(&f->parameters, 1, f->arena, &f->failure));
    plan_forward(plan, 11, 2);
    double loss = plan_loss(plan);
    ck_assert(isfinite(loss));
    plan_backward(plan);
    sha256_begin(&hash);
    sha256_add(&hash, &loss, sizeof loss);
    for (size_t i = 0; i < p->count; i++) {
        sha256_add(&hash, p->value[i], p->elements[i] * sizeof(real));
        if (p->slot[i].trained)
            sha256_add(&hash, p->gradient[i], p->elements[i] * sizeof(real));
    }
    sha256_end(&hash, hex);
    plan_destroy(plan);
}

#define BUILD(f, rgb, audio, mixup, frames, ...)                                                   \
    char *argv[] = { "test", __VA_ARGS__, NULL };                                                  \
    build(f, rgb, audio, (int)(sizeof argv / sizeof *argv) - 1, argv, mixup, frames)

static void has_the_same_bits(Fixture *f)
{
    char first[SHA256_HEX_BYTES], again[SHA256_HEX_BYTES];
    fill(f);
    parallel_threads(1);
    digest_step(f, VIDEOS, FRAMES, first);
    for (size_t threads = 2; threads <= 5; threads++) {
        parallel_threads(threads);
        digest_step(f, VIDEOS, FRAMES, again);
        ck_assert_str_eq(first, again);
    }
    digest_step(f, 3 * VIDEOS, 2 * FRAMES, again); // larger bounds than the data
    ck_assert_str_eq(first, again);
    parameters_destroy(&f->parameters);
    arena_close(&f->arena);
}

START_TEST(a_step_has_the_same_bits_for_any_number_of_threads)
{
    static Fixture f;
    BUILD(&f, 96, 32, 0, 5, "--clusters=20", "--groups=4", "--hidden=64", "--classes=50");
    has_the_same_bits(&f);
}
END_TEST

START_TEST(a_step_with_a_moved_expansion_has_the_same_bits_for_any_number_of_threads)
{
    static Fixture f;
    BUILD(&f, 96, 32, 0, 300, "--clusters=20", "--groups=4", "--hidden=64", "--classes=50");
    has_the_same_bits(&f);
}
END_TEST

START_TEST(a_mixtures_step_has_the_same_bits_for_any_number_of_threads)
{
    static Fixture f;
    BUILD(&f, 96, 32, 0.4, 5, "--clusters=20", "--groups=4", "--hidden=64", "--classes=50",
          "--mixture=3", "--normalization=dewhiten");
    has_the_same_bits(&f);
}
END_TEST

/* ---- memory: planned, never touched ---- */

#define SMALL "--clusters=16", "--groups=4", "--expansion=1", "--hidden=256", "--classes=60"

static size_t planned_bytes(Fixture *f)
{
    Plan *plan = make_plan(f, 64, 64 * 300);
    size_t bytes = plan_bytes(plan);
    plan_destroy(plan);
    arena_close(&f->arena);
    return bytes;
}

START_TEST(the_small_model_with_64_videos_of_300_frames_plans_less_than_300_megabytes)
{
    static Fixture f;
    BUILD(&f, 1024, 128, 0, 5, SMALL);
    ck_assert_uint_lt(planned_bytes(&f), 300e6);
}
END_TEST

START_TEST(with_a_moved_expansion_it_plans_less_than_140_megabytes)
{
    static Fixture f;
    BUILD(&f, 1024, 128, 0, 300, SMALL);
    ck_assert_uint_lt(planned_bytes(&f), 140e6);
}
END_TEST

START_TEST(a_mixture_of_three_of_them_plans_less_than_600_megabytes)
{
    static Fixture f;
    BUILD(&f, 1024, 128, 0, 5, SMALL, "--mixture=3");
    ck_assert_uint_lt(planned_bytes(&f), 600e6);
}
END_TEST

/* ---- what can't be built says why ---- */

static const char *refusal(const char *model, int argc, char *argv[])
{
    static Fixture f;
    f = (Fixture){ .spec = { .model = model_find(model),
                             .values = &f.values,
                             .features = { { { "sound", 12 }, { "audio", 8 } }, 2, 20 } } };
    ck_assert(arena_open(&f.arena, ARENA_LARGE, &f.failure));
    ck_assert(options_parse(&f.values, (const Option *[]){ f.spec.model->options, network_options },
                            2, argc, argv, &f.arena, &f.failure));
    network_spec_read(&f.spec, &f.values);
    ck_assert(!network_build(&f.network, &f.spec, true, &f.arena, &f.failure));
    ck_assert_int_eq(f.failure.code, EX_CONFIG);
    return f.failure.message;
}

#define REFUSAL(model, ...)                                                                        \
    refusal(model, (int)(sizeof(char *[]){ "", __VA_ARGS__ } / sizeof(char *)),                    \
            (char *[]){ "", __VA_ARGS__, NULL })

START_TEST(what_can_not_be_built_says_why)
{
    ck_assert_str_eq(REFUSAL("nextvlad", "--groups=10"),
                     "rgb/groups: 10 do not divide a width of 24");
    ck_assert_str_eq(REFUSAL("moe", "--mixture=3"),
                     "moe has no logits, so it can't be a member of a mixture");
    ck_assert_str_eq(REFUSAL("logistic", "--normalization=dewhiten"),
                     "dewhiten is for rgb, and no feature has that name; use l2 or raw");
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "NeXtVLAD", nextvlad_follows_pytorch, a_mixture_of_rated_segments_follows_pytorch,
        a_step_has_the_same_bits_for_any_number_of_threads,
        a_step_with_a_moved_expansion_has_the_same_bits_for_any_number_of_threads,
        a_mixtures_step_has_the_same_bits_for_any_number_of_threads,
        the_small_model_with_64_videos_of_300_frames_plans_less_than_300_megabytes,
        with_a_moved_expansion_it_plans_less_than_140_megabytes,
        a_mixture_of_three_of_them_plans_less_than_600_megabytes, what_can_not_be_built_says_why);
}
