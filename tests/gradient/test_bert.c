/* BERT in double: against PyTorch in double, and the invariants of spec/models 19.1. */
#include "golden_orders.h"
#include "gradient/gradient_check.h"
#include "models/layers/encoder.h"

#define GOLDEN_CASES (sizeof golden_bert / sizeof *golden_bert)

static const GoldenTolerances tolerances = { 1e-12, 1e-12, 1e-10, 1e-9 }; // as NeXtVLAD's

START_TEST(bert_follows_pytorch)
{
    golden_video_model(&golden_bert[_i], tolerances);
}
END_TEST

/* Mean and attention; the others say which frame is which. */
START_TEST(frames_in_another_order_or_repeated_change_no_mean)
{
    golden_video_model_heeds_no_order(&golden_bert[0]);
    golden_video_model_heeds_no_order(&golden_bert[1]);
}
END_TEST

#define VIDEOS 3
#define FRAMES 80
#define WIDTH 12

static const uint32_t offsets[VIDEOS + 1] = { 0, 7, 7, FRAMES };

static size_t backwards(size_t i)
{
    size_t video = 0;
    while (i >= offsets[video + 1])
        video++;
    return offsets[video] + offsets[video + 1] - 1 - i;
}

START_TEST(an_encoders_outputs_follow_the_order_of_its_frames)
{
    static real values[2][FRAMES * WIDTH];
    Arena arena;
    Device device;
    Parameters parameters;
    Failure failure = { 0 };
    const real *outputs[2];
    Plan *plans[2];
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    ck_assert(device_open_cpu(&device, &arena, &failure));
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL), *frames = graph_rows(g, "frames", batch);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(frames, WIDTH));
    Tensor y = encode(g, x, 2, (EncoderSizes){ .heads = 3, .feed_forward = 8, .dropout = 0.5 });
    ck_assert_msg(graph_finish(g, &failure)
                      && parameters_create(&parameters, g, &device, false, &arena, &failure)
                      && parameters_initialise(&parameters, 1, arena, &failure),
                  "%s", failure.message);
    check_fill(values[0], FRAMES * WIDTH, -1, 1, "x");
    for (size_t i = 0; i < FRAMES; i++)
        memcpy(values[1] + backwards(i) * WIDTH, values[0] + i * WIDTH, WIDTH * sizeof(real));
    for (size_t order = 0; order < 2; order++) {
        Plan *plan = plans[order] =
            plan_create(g, &device, (size_t[]){ VIDEOS, FRAMES }, &y, 1, false, &arena, &failure);
        ck_assert_msg(plan != NULL, "%s", failure.message);
        plan_bind_parameters(plan, parameters.value, NULL);
        ck_assert(plan_bind_rows(plan, batch, VIDEOS, NULL, &failure)
                  && plan_bind_rows(plan, frames, FRAMES, offsets, &failure));
        plan_bind_input(plan, x, values[order]);
        plan_forward(plan, 1, 0);
        outputs[order] = plan_output(plan, y);
    }
    for (size_t i = 0; i < FRAMES * WIDTH; i++)
        ck_assert_double_eq_tol(outputs[0][i], outputs[1][backwards(i / WIDTH) * WIDTH + i % WIDTH],
                                ORDERS_TOLERANCE);
    plan_destroy(plans[0]);
    plan_destroy(plans[1]);
    parameters_destroy(&parameters);
    arena_close(&arena);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("BERT in double");
    tcase_add_loop_test(cases, bert_follows_pytorch, 0, (int)GOLDEN_CASES);
    tcase_add_test(cases, frames_in_another_order_or_repeated_change_no_mean);
    tcase_add_test(cases, an_encoders_outputs_follow_the_order_of_its_frames);
    return run_case("BERT in double", cases);
}
