/* Recurrent units in floats: against PyTorch, and on videos without frames. */
#include "golden_network.h"
#include "gradient/gradient_check.h"

/* As NeXtVLAD's, with chains of forty products between a parameter and the loss. */
static const GoldenTolerances tolerances = { 1e-5, 5e-5, 1e-4, 0 };

START_TEST(gru_follows_pytorch)
{
    golden_video_model(&golden_gru, tolerances);
}
END_TEST

enum { FRAMES = 3, CELLS = 37, MOST_VIDEOS = 9 };

/* The states after each of three frames, which belong to the last of some videos; dU behind them. */
static void run_units(size_t videos, real states[FRAMES * CELLS], real slopes[2 * CELLS * CELLS])
{
    static real gates[FRAMES * 2 * CELLS], candidate[FRAMES * CELLS];
    static real U[2 * CELLS * CELLS], W[CELLS * CELLS], unused[CELLS * CELLS];
    uint32_t offsets[MOST_VIDEOS + 1] = { 0 };
    Arena arena;
    Device device;
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    ck_assert(device_open_cpu(&device, &arena, &failure));
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL), *frames = graph_rows(g, "frames", batch);
    Tensor x[] = { input(g, "gates", TYPE_REAL, shape_rows(frames, 2 * CELLS)),
                   input(g, "candidate", TYPE_REAL, shape_rows(frames, CELLS)) };
    Tensor of_gates = parameter(g, "U", shape_matrix(CELLS, 2 * CELLS), (Initializer){ 0 });
    Tensor of_candidate = parameter(g, "W", shape_matrix(CELLS, CELLS), (Initializer){ 0 });
    Tensor h = gru(g, x[0], x[1], of_gates, of_candidate);
    graph_loss(g, "last", columns(g, last_by_video(g, h), 0, 1), (double)videos);
    ck_assert_msg(graph_finish(g, &failure), "%s", failure.message);
    Plan *plan =
        plan_create(g, &device, (size_t[]){ videos, FRAMES }, &h, 1, true, &arena, &failure);
    ck_assert_msg(plan != NULL, "%s", failure.message);
    offsets[videos] = FRAMES;
    ck_assert(plan_bind_rows(plan, batch, videos, NULL, &failure)
              && plan_bind_rows(plan, frames, FRAMES, offsets, &failure));
    check_fill(gates, FRAMES * 2 * CELLS, -1, 1, "gates");
    check_fill(candidate, FRAMES * CELLS, -1, 1, "candidate");
    check_fill(U, 2 * CELLS * CELLS, -0.3, 0.3, "U");
    check_fill(W, CELLS * CELLS, -0.3, 0.3, "W");
    plan_bind_parameters(plan, (real *const[]){ U, W }, (real *const[]){ slopes, unused });
    plan_bind_input(plan, x[0], gates);
    plan_bind_input(plan, x[1], candidate);
    plan_forward(plan, 1, 0);
    plan_backward(plan);
    memcpy(states, plan_output(plan, h), FRAMES * CELLS * sizeof *states);
    plan_destroy(plan);
    arena_close(&arena);
}

/* More videos than frames: nothing that has a row for each frame may be used by a video's number. */
START_TEST(videos_without_frames_change_nothing)
{
    static real states[2][FRAMES * CELLS], slopes[2][2 * CELLS * CELLS];
    run_units(1, states[0], slopes[0]);
    run_units(MOST_VIDEOS, states[1], slopes[1]);
    ck_assert(memcmp(states[0], states[1], sizeof states[0]) == 0);
    for (size_t i = 0; i < 2 * CELLS * CELLS; i++) // a share of a ninth, times nine
        ck_assert_double_eq_tol((double)slopes[0][i], (double)slopes[1][i], 1e-6);
}
END_TEST

int main(void)
{
    return RUN_SUITE("GRU", gru_follows_pytorch, videos_without_frames_change_nothing);
}
