/* NeXtVLAD and its mixture in double: against PyTorch in double, and the invariants of spec/models 19.1. */
#include "golden_orders.h"
#include "gradient/gradient_check.h"

/*
 * Both round to 1e-16: what differs is the order of sums. Adam divides a gradient by its own size, so 20
 * steps magnify what is left of the smallest ones.
 */
static const GoldenTolerances tolerances = { 1e-12, 1e-12, 1e-10, 1e-9 };

#define ROUNDING 1e-12

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

/* ---- 1: frames in another order, frames repeated ---- */

static Golden golden;

static void open_mixture(void)
{
    char *argv[] = { "test", GOLDEN_OPTIONS, "--mixture=3", NULL };
    golden_open(&golden, "nextvlad", "tests/golden/nextvlad_mixture.safetensors",
                sizeof argv / sizeof *argv - 1, argv, true);
    golden_begin(&golden);
}

START_TEST(frames_in_another_order_or_repeated_change_nothing)
{
    open_mixture();
    golden_heeds_no_order(&golden);
    golden_close(&golden);
}
END_TEST

/* ---- the expansion on every frame, and moved behind the sums over frames ---- */

#define NUMBERS 20000 // of the mixture: its logits, its loss, and all gradients

/* What a network says that is told of so many frames a video. */
static size_t ask_form(size_t frames, real *numbers)
{
    const Parameters *p = &golden.parameters;
    size_t count = golden.videos * GOLDEN_CLASSES;
    golden.spec.most_videos = golden.videos;
    golden.spec.most_frames = golden.videos * frames;
    ck_assert(network_build(&golden.network, &golden.spec, true, &golden.arena, &golden.failure));
    Plan *plan = golden_plan(&golden, true);
    plan_forward(plan, 1, 0);
    plan_backward(plan);
    memcpy(numbers, plan_output(plan, golden.network.prediction.logits), count * sizeof *numbers);
    numbers[count++] = plan_loss(plan);
    for (size_t i = 0; i < p->count; i++)
        for (size_t j = 0; p->slot[i].trained && j < p->elements[i]; j++) {
            ck_assert_uint_lt(count, NUMBERS);
            numbers[count++] = p->gradient[i][j];
        }
    plan_destroy(plan);
    return count;
}

START_TEST(a_moved_expansion_changes_no_output_and_no_gradient)
{
    static real on_frames[NUMBERS], moved[NUMBERS];
    size_t differences = 0;
    open_mixture();
    size_t count = ask_form(1, on_frames);
    ck_assert_uint_eq(ask_form(300, moved), count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_double_eq_tol(moved[i], on_frames[i], ROUNDING * fmax(1, fabs(on_frames[i])));
        differences += moved[i] != on_frames[i];
    }
    ck_assert_uint_gt(differences, 0); // of rounding: it was another form
    golden_close(&golden);
}
END_TEST

/* ---- single ops on five frames of one video, and none of another ---- */

#define T 5
#define F 7
#define K 4
#define FULL_ATTENTION 40.0 // sigmoid: 1 in double
#define NO_ATTENTION (-700.0)

typedef struct Ops {
    Arena arena;
    Failure failure;
    Device device;
    Graph *g;
    const Rows *batch, *frames;
    Tensor x, l, b, V;
    real x_data[T * F], l_data[T * K], b_data[T], c_data[F * K];
    real *values[1], *gradients[1];
    Plan *plan;
} Ops;

/* NeXtVLAD's descriptor before batch normalisation, G = 1 and no expansion. */
static void open_ops(Ops *o, const uint32_t offsets[3])
{
    *o = (Ops){ 0 };
    ck_assert(arena_open(&o->arena, ARENA_LARGE, &o->failure));
    ck_assert(device_open_cpu(&o->device, &o->arena, &o->failure));
    Graph *g = o->g = graph_create(&o->arena, &o->failure);
    o->batch = graph_rows(g, "batch", NULL);
    o->frames = graph_rows(g, "frames", o->batch);
    o->x = input(g, "x", TYPE_REAL, (Shape){ o->frames, 2, { 1, F } });
    o->l = input(g, "l", TYPE_REAL, (Shape){ o->frames, 2, { 1, K } });
    o->b = input(g, "b", TYPE_REAL, shape_rows(o->frames, 1));
    graph_want_gradient(g, o->x);
    graph_want_gradient(g, o->l);
    Tensor c = parameter(g, "c", shape_matrix(F, K), (Initializer){ 0 });
    o->V = normalize_columns(g, aggregate(g, o->x, soft_assignment(g, o->l, o->b), c));
    graph_loss(g, "one", columns(g, flatten(g, o->V), F * K / 2, 1), 1);
    o->plan =
        plan_create(g, &o->device, (size_t[]){ 2, T }, &o->V, 1, true, &o->arena, &o->failure);
    ck_assert_msg(o->plan != NULL, "%s", o->failure.message);
    ck_assert(arena_array(&o->arena, o->gradients[0], F * K, &o->failure));
    o->values[0] = o->c_data;
    plan_bind_parameters(o->plan, o->values, o->gradients);
    check_fill(o->x_data, T * F, -1, 1, "x");
    check_fill(o->l_data, T * K, -2, 2, "l");
    check_fill(o->c_data, F * K, -1, 1, "c");
    for (size_t t = 0; t < T; t++)
        o->b_data[t] = FULL_ATTENTION;
    ck_assert(plan_bind_rows(o->plan, o->batch, 2, NULL, &o->failure)
              && plan_bind_rows(o->plan, o->frames, offsets[2], offsets, &o->failure));
    plan_bind_input(o->plan, o->x, o->x_data);
    plan_bind_input(o->plan, o->l, o->l_data);
    plan_bind_input(o->plan, o->b, o->b_data);
}

static void close_ops(Ops *o)
{
    plan_destroy(o->plan);
    arena_close(&o->arena);
}

/* softmax of one frame's logits, and NetVLAD's sum: V(f, k) = sum_t s_k(t) (x_f(t) - c_fk). */
static void netvlad(const Ops *o, double V[F][K])
{
    for (size_t k = 0; k < K; k++) {
        double length = 0;
        for (size_t f = 0; f < F; f++) {
            V[f][k] = 0;
            for (size_t t = 0; t < T; t++) {
                double sum = 0;
                for (size_t j = 0; j < K; j++)
                    sum += exp(o->l_data[t * K + j]);
                V[f][k] +=
                    exp(o->l_data[t * K + k]) / sum * (o->x_data[t * F + f] - o->c_data[f * K + k]);
            }
            length += V[f][k] * V[f][k];
        }
        for (size_t f = 0; f < F; f++)
            V[f][k] /= sqrt(length);
    }
}

START_TEST(with_full_attention_and_one_group_it_is_netvlad)
{
    static Ops o;
    double expected[F][K];
    open_ops(&o, (const uint32_t[]){ 0, T, T });
    plan_forward(o.plan, 1, 0);
    netvlad(&o, expected);
    const real *V = plan_output(o.plan, o.V);
    for (size_t i = 0; i < F * K; i++) {
        ck_assert_double_eq_tol(V[i], expected[i / K][i % K], ROUNDING);
        ck_assert(V[F * K + i] == 0); // the video without frames
    }
    close_ops(&o);
}
END_TEST

/* Frames are packed: what a mask would hide isn't there. What attention hides has no effect either. */
START_TEST(a_frame_without_attention_has_no_effect_and_no_gradient)
{
    static Ops with, without;
    open_ops(&with, (const uint32_t[]){ 0, T, T });
    open_ops(&without, (const uint32_t[]){ 0, T - 1, T - 1 });
    with.b_data[T - 1] = NO_ATTENTION;
    plan_forward(with.plan, 1, 0);
    plan_forward(without.plan, 1, 0);
    plan_backward(with.plan);
    for (size_t i = 0; i < F * K; i++)
        ck_assert_double_eq_tol(plan_output(with.plan, with.V)[i],
                                plan_output(without.plan, without.V)[i], ROUNDING);
    const real *dx = plan_gradient(with.plan, with.x), *dl = plan_gradient(with.plan, with.l);
    for (size_t f = 0; f < F; f++)
        ck_assert(fabs(dx[(T - 1) * F + f]) < 1e-300 && fabs(dx[f]) > 0);
    for (size_t k = 0; k < K; k++)
        ck_assert(fabs(dl[(T - 1) * K + k]) < 1e-300 && fabs(dl[k]) > 0);
    close_ops(&with);
    close_ops(&without);
}
END_TEST

/* ---- 4: three equal members ---- */

static void copy_members(const Parameters *p)
{
    for (size_t i = 0; i < p->count; i++)
        for (size_t j = 0; j < p->count; j++)
            if (strncmp(p->slot[i].name, "member-0/", 9) == 0
                && strncmp(p->slot[j].name, "member-", 7) == 0
                && strcmp(p->slot[i].name + 9, p->slot[j].name + 9) == 0)
                memcpy(p->value[j], p->value[i], p->elements[i] * sizeof(real));
}

START_TEST(three_equal_members_are_their_mixture_and_teach_it_nothing)
{
    static double losses[2];
    open_mixture();
    const Parameters *p = &golden.parameters;
    copy_members(p);
    Plan *plan = golden_plan(&golden, true);
    plan_forward(plan, 1, 0);
    losses[0] = plan_loss(plan);
    plan_backward(plan);
    for (size_t i = 0; i < p->count; i++)
        for (size_t j = 0; p->slot[i].trained && j < p->elements[i]; j++)
            if (strncmp(p->slot[i].name, "mixture/", 8) == 0)
                ck_assert(fabs(p->gradient[i][j]) < ROUNDING);
    plan_destroy(plan);
    // without distillation the loss is the same: the divergence is 0
    golden.spec.temperature = 1e-9; // its weight is the square
    ck_assert(network_build(&golden.network, &golden.spec, true, &golden.arena, &golden.failure));
    plan = golden_plan(&golden, true);
    plan_forward(plan, 1, 0);
    losses[1] = plan_loss(plan);
    ck_assert_double_eq_tol(losses[0], losses[1], ROUNDING * losses[0]);
    plan_destroy(plan);
    golden_close(&golden);
}
END_TEST

/* ---- 9 and 10: mixup and masks ---- */

#define ROWS ((size_t)60)
#define CLASSES ((size_t)9)

typedef struct Losses {
    Arena arena;
    Failure failure;
    Device device;
    Tensor z, y, w, loss;
    Plan *plan;
    real z_data[ROWS * CLASSES], y_data[ROWS * CLASSES], w_data[ROWS * CLASSES];
} Losses;

/* Targets where the weight is 1, one class in three; both mixed with weights from Beta(alpha, alpha). */
static void open_losses(Losses *l, double alpha, bool of_logits)
{
    *l = (Losses){ 0 };
    ck_assert(arena_open(&l->arena, ARENA_LARGE, &l->failure));
    ck_assert(device_open_cpu(&l->device, &l->arena, &l->failure));
    Graph *g = graph_create(&l->arena, &l->failure);
    const Rows *batch = graph_rows(g, "batch", NULL);
    l->z = input(g, "z", TYPE_REAL, shape_rows(batch, CLASSES));
    l->y = input(g, "y", TYPE_REAL, shape_rows(batch, CLASSES));
    l->w = input(g, "w", TYPE_REAL, shape_rows(batch, CLASSES));
    graph_want_gradient(g, l->z);
    Tensor y = mix_rows(g, "mixup", l->y, alpha), w = mix_rows(g, "mixup", l->w, alpha);
    l->loss = of_logits ? logit_cross_entropy(g, l->z, y, w)
                        : probability_cross_entropy(g, sigmoid(g, l->z), y, w, 1e-5);
    graph_loss(g, "loss", l->loss, 1);
    l->plan =
        plan_create(g, &l->device, (size_t[]){ ROWS }, &l->loss, 1, true, &l->arena, &l->failure);
    ck_assert_msg(l->plan != NULL, "%s", l->failure.message);
    check_fill(l->z_data, ROWS * CLASSES, -3, 3, "z");
    check_fill(l->y_data, ROWS * CLASSES, 0, 1, "y");
    for (size_t i = 0; i < ROWS * CLASSES; i++) {
        l->w_data[i] = i % 3 == i / CLASSES % 3;
        l->y_data[i] *= l->w_data[i];
    }
    ck_assert(plan_bind_rows(l->plan, batch, ROWS, NULL, &l->failure));
    plan_bind_input(l->plan, l->z, l->z_data);
    plan_bind_input(l->plan, l->y, l->y_data);
    plan_bind_input(l->plan, l->w, l->w_data);
    plan_forward(l->plan, 1, 0);
    plan_backward(l->plan);
}

START_TEST(unrated_classes_get_exactly_no_gradient)
{
    static Losses l;
    for (int of_logits = 0; of_logits < 2; of_logits++) {
        open_losses(&l, 0, of_logits);
        const real *dz = plan_gradient(l.plan, l.z);
        for (size_t i = 0; i < ROWS * CLASSES; i++)
            ck_assert((l.w_data[i] == 0) == (dz[i] == 0));
        plan_destroy(l.plan);
        arena_close(&l.arena);
    }
}
END_TEST

/* An alpha near 0 draws a weight of 0 or 1, and the loss is the sample's own or its partner's. */
START_TEST(mixup_with_all_weight_on_a_sample_has_its_loss)
{
    static Losses plain, mixed;
    size_t own = 0;
    open_losses(&plain, 0, true);
    open_losses(&mixed, 1e-6, true);
    for (size_t row = 0; row < ROWS; row++)
        own += fabs(plan_output(mixed.plan, mixed.loss)[row]
                    - plan_output(plain.plan, plain.loss)[row])
            < ROUNDING;
    ck_assert_uint_gt(own, ROWS / 4); // half of them, and who is paired with itself
    ck_assert_uint_lt(own, 3 * ROWS / 4);
    plan_destroy(plain.plan);
    plan_destroy(mixed.plan);
    arena_close(&plain.arena);
    arena_close(&mixed.arena);
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "NeXtVLAD in double", nextvlad_follows_pytorch, a_mixture_of_rated_segments_follows_pytorch,
        frames_in_another_order_or_repeated_change_nothing,
        a_moved_expansion_changes_no_output_and_no_gradient,
        with_full_attention_and_one_group_it_is_netvlad,
        a_frame_without_attention_has_no_effect_and_no_gradient,
        three_equal_members_are_their_mixture_and_teach_it_nothing,
        unrated_classes_get_exactly_no_gradient, mixup_with_all_weight_on_a_sample_has_its_loss);
}
