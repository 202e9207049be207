/* Shifts: which frames a displaced segment has, and that frames stored once score as those fed again. */
#include "common/learn/parameters.h"
#include "common/learn/shifts.h"
#include "common/tensor/ops.h"
#include "models/layers/network.h"

#include <math.h>
#include <string.h>

#include "suite.h"

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

/* Two videos: 7 frames, so segments of 5 and 2; and 3 frames, one segment. */
#define SEGMENTS 3
#define FRAMES 10
static const uint32_t source[SEGMENTS] = { 0 }, record[SEGMENTS] = { 4, 4, 5 };
static const uint32_t starts[SEGMENTS] = { 0, 5, 0 }, row_first[SEGMENTS + 1] = { 0, 5, 7, 10 };

static FeedList listed(Shifts shifts)
{
    ShiftList list;
    Batch batch = { .count = SEGMENTS,
                    .rows = FRAMES,
                    .source = source,
                    .record = record,
                    .start = starts,
                    .row_first = row_first };
    LoaderBounds most = { .samples = SEGMENTS, .rows = FRAMES };
    ck_assert(shift_list_create(&list, shifts, most, &arena, &failure));
    return shift_list_fill(&list, &batch);
}

static void check_list(Shifts shifts, const uint32_t *list, const uint32_t *offsets, size_t samples)
{
    FeedList found = listed(shifts);
    ck_assert_uint_eq(found.samples, samples);
    ck_assert_mem_eq(found.offsets, offsets, (samples + 1) * sizeof *offsets);
    ck_assert_mem_eq(found.list, list, offsets[samples] * sizeof *list);
}

START_TEST(a_shift_shows_what_came_before_and_stays_within_the_video)
{
    // frames clamp(s - 1 + t, 0, n - 1): of the first video 0 0 1 2 3 and 4 5, of the second 0 0 1
    static const uint32_t later[] = { 0, 0, 1, 2, 3, 4, 5, 7, 7, 8 };
    // frames clamp(s + 2 + t, 0, n - 1): 2 3 4 5 6 and 6 6, and 2 2 2
    static const uint32_t sooner[] = { 2, 3, 4, 5, 6, 6, 6, 9, 9, 9 };
    static const uint32_t offsets[] = { 0, 5, 7, 10 };
    check_list((Shifts){ 1, 1 }, later, offsets, 3);
    check_list((Shifts){ -2, -2 }, sooner, offsets, 3);
}
END_TEST

START_TEST(all_shifts_of_a_segment_stand_together)
{
    static const uint32_t list[] = { 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 0, 0, 1, 2, 3,
                                     6, 6, 5, 6, 4, 5, 8, 9, 9, 7, 8, 9, 7, 7, 8 };
    static const uint32_t offsets[] = { 0, 5, 10, 15, 17, 19, 21, 24, 27, 30 };
    check_list((Shifts){ -1, 1 }, list, offsets, 9);
}
END_TEST

START_TEST(a_far_shift_is_the_first_or_the_last_frame)
{
    static const uint32_t list[] = { 0, 0, 0, 0, 0, 0, 0, 7, 7, 7 };
    static const uint32_t offsets[] = { 0, 5, 7, 10 };
    check_list((Shifts){ 300, 300 }, list, offsets, 3);
}
END_TEST

/* ---- a network ---- */

#define WIDTH 16
#define CLASSES 7
#define SEED 5

typedef struct Scored {
    Network network;
    Parameters parameters;
    Plan *plan;
    Feed feed;
} Scored;

/* nextvlad, with batch normalisation of frames and parts that go by video, on stored or plain frames. */
static Scored build(const Device *device, bool stored, size_t times)
{
    Scored s = { 0 };
    OptionValues *values;
    size_t bounds[FEED_MOST_AXES];
    char *argv[] = { "test", "--clusters", "4", "--groups",         "2", "--expansion",
                     "1",    "--hidden",   "8", "--gate-reduction", "2" };
    ck_assert(arena_array(&arena, values, 1, &failure));
    NetworkSpec spec = { .model = model_find("nextvlad"),
                         .values = values,
                         .features = { { { "rgb", 12 }, { "audio", 4 } }, 2, WIDTH } };
    ck_assert_msg(options_parse(values, (const Option *[]){ spec.model->options, network_options },
                                2, sizeof argv / sizeof *argv, argv, &arena, &failure),
                  "%s", failure.message);
    network_spec_read(&spec, values);
    spec.classes = CLASSES;
    spec.listed = stored;
    ck_assert_msg(network_build(&s.network, &spec, false, &arena, &failure), "%s", failure.message);
    const Network *n = &s.network;
    s.feed = (Feed){ .batch = n->batch,
                     .frames = n->frames,
                     .features = n->features,
                     .stored = n->stored,
                     .list = n->list };
    feed_bounds_listed(
        &s.feed,
        (LoaderBounds){ stored ? SEGMENTS : SEGMENTS * times, stored ? FRAMES : FRAMES * times, 0 },
        stored ? times : 1, bounds);
    Tensor output = n->prediction.probabilities;
    ck_assert(parameters_create(&s.parameters, n->graph, device, false, &arena, &failure)
              && parameters_initialise(&s.parameters, SEED, arena, &failure));
    s.plan = plan_create(n->graph, device, bounds, &output, 1, false, &arena, &failure);
    ck_assert_msg(s.plan != NULL, "%s", failure.message);
    plan_bind_parameters(s.plan, s.parameters.value, NULL);
    return s;
}

static const real *run(Scored *s)
{
    plan_run(s->plan, &(PlanRun){ 0 });
    return plan_output(s->plan, s->network.prediction.probabilities);
}

static void destroy(Scored *s)
{
    plan_destroy(s->plan);
    parameters_destroy(&s->parameters);
}

START_TEST(frames_that_are_stored_once_score_as_frames_that_are_fed_again)
{
    static uint8_t frames[FRAMES * WIDTH], again[3 * FRAMES * WIDTH];
    Device device;
    ck_assert(device_open_cpu(&device, &arena, &failure));
    for (size_t i = 0; i < sizeof frames; i++)
        frames[i] = (uint8_t)(37 * i + i * i / 7);
    FeedList list = listed((Shifts){ -1, 1 });
    for (size_t i = 0; i < 3 * FRAMES; i++)
        memcpy(again + i * WIDTH, frames + list.list[i] * WIDTH, WIDTH);
    Scored stored = build(&device, true, 3), plain = build(&device, false, 3);
    Batch once = { .count = SEGMENTS, .rows = FRAMES, .width = WIDTH, .frames = frames };
    Batch thrice = { .count = list.samples,
                     .rows = 3 * FRAMES,
                     .width = WIDTH,
                     .row_first = list.offsets,
                     .frames = again };
    ck_assert(feed_bind_listed(&stored.feed, stored.plan, &once, &list, &failure)
              && feed_bind(&plain.feed, plain.plan, &thrice, &failure));
    const real *found = run(&stored), *expected = run(&plain);
    for (size_t i = 0; i < list.samples * CLASSES; i++) // products round otherwise at other places
        ck_assert_msg(fabs((double)found[i] - (double)expected[i]) < 1e-6, "element %zu", i);
    ck_assert(fabs((double)found[0] - (double)found[CLASSES]) > 1e-6); // shifts say other things
    destroy(&stored);
    destroy(&plain);
}
END_TEST

START_TEST(what_goes_frame_by_frame_is_computed_of_stored_frames)
{
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL), *frames = graph_rows(g, "frames", batch);
    Tensor list = input(g, "list", TYPE_INDEX, shape_rows(frames, 1));
    const Rows *rows = graph_stored_rows(g, "stored", frames, list);
    Tensor x = sigmoid(g, input(g, "x", TYPE_REAL, shape_rows(rows, 3)));
    Tensor mean = mean_by_video(g, x), mixed = add(g, x, listed_rows(g, x, list));
    ck_assert_ptr_eq(rows_of(x), rows);
    ck_assert_ptr_eq(rows_of(mean), batch);
    ck_assert_ptr_eq(rows_of(mixed), frames);
    ck_assert_ptr_eq(rows_of(multiply(g, x, x)), rows);
    ck_assert_msg(graph_finish(g, &failure), "%s", failure.message);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("shifts");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_shift_shows_what_came_before_and_stays_within_the_video);
    tcase_add_test(tests, all_shifts_of_a_segment_stand_together);
    tcase_add_test(tests, a_far_shift_is_the_first_or_the_last_frame);
    tcase_add_test(tests, frames_that_are_stored_once_score_as_frames_that_are_fed_again);
    tcase_add_test(tests, what_goes_frame_by_frame_is_computed_of_stored_frames);
    return run_case("shifts", tests);
}
