/* Predictions to submissions and to their mean: the bytes that another program writes. */
#include "common/rank/contest_csv.h"
#include "common/rank/fusion.h"

#include <unistd.h>
#include "unit/golden_rank.h"

static Arena arena;
static Failure failure;
static Predictions predictions;
static AtomicFile file;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 26, &failure));
    ck_assert(atomic_file_open(&file, text_file("written", ""), &failure));
}

static void teardown(void)
{
    atomic_file_discard(&file);
    predictions_close(&predictions);
    unlink(text_file("written", ""));
    arena_close(&arena);
}

/* The file that was written is, byte for byte, the golden one. */
static void check_bytes(const char *golden)
{
    char path[1024], *written, *wanted;
    size_t size, wanted_size;
    strcpy(path, file.path);
    ck_assert_msg(failure.code == EX_OK, "%s", failure.message);
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    ck_assert(file_read(path, &arena, &written, &size, &failure));
    ck_assert(file_read(golden, &arena, &wanted, &wanted_size, &failure));
    ck_assert_uint_eq(size, wanted_size);
    ck_assert_mem_eq(written, wanted, size);
}

START_TEST(videos_become_lines_of_their_best_classes)
{
    ck_assert(predictions_open(&predictions, GOLDEN "videos.safetensors", &arena, &failure));
    contest_write_videos(&predictions, 5, &file, arena, &failure);
    check_bytes(GOLDEN "videos.top5.csv");
}
END_TEST

START_TEST(segments_become_lines_of_classes_ties_by_id_and_start)
{
    static const uint32_t classes[] = { 3, 8, 42 };
    ck_assert(predictions_open(&predictions, GOLDEN "segments.safetensors", &arena, &failure));
    contest_write_segments(&predictions, 20, classes, 3, &file, arena, &failure);
    check_bytes(GOLDEN "segments.top20.csv");
}
END_TEST

START_TEST(a_class_that_was_not_predicted_is_refused_by_name)
{
    static const uint32_t classes[] = { 3, 9 };
    ck_assert(predictions_open(&predictions, GOLDEN "segments.safetensors", &arena, &failure));
    ck_assert(!contest_write_segments(&predictions, 20, classes, 2, &file, arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_str_eq(failure.message,
                     GOLDEN "segments.safetensors: class 9 was not predicted; give predictions "
                            "with all of the contest's classes");
}
END_TEST

START_TEST(segments_are_no_submission_of_2018)
{
    ck_assert(predictions_open(&predictions, GOLDEN "segments.safetensors", &arena, &failure));
    ck_assert(!contest_write_videos(&predictions, 20, &file, arena, &failure));
    ck_assert_str_eq(failure.message,
                     GOLDEN "segments.safetensors: row 0 is a segment; give --contest 2019");
}
END_TEST

/* The golden videos with something changed. */
static void change_predictions(void)
{
    ck_assert(predictions_open(&predictions, GOLDEN "videos.safetensors", &arena, &failure));
    float *scores =
        arena_allocate(&arena, predictions.rows * predictions.classes, sizeof *scores, &failure);
    memcpy(scores, predictions.scores, predictions.rows * predictions.classes * sizeof *scores);
    predictions.scores = scores;
}

START_TEST(a_score_that_is_not_a_number_is_refused_by_name)
{
    char message[256];
    change_predictions();
    ((float *)predictions.scores)[2 * predictions.classes + 3] = 0.0f / 0.0f;
    ck_assert(!contest_write_videos(&predictions, 20, &file, arena, &failure));
    snprintf(message, sizeof message,
             "%svideos.safetensors: the score of %.5s (start -1) for class 8 is not a number; "
             "predict again",
             GOLDEN, prediction_id(&predictions, 2));
    ck_assert_str_eq(failure.message, message);
}
END_TEST

START_TEST(a_row_that_is_there_twice_is_refused)
{
    change_predictions();
    char *ids =
        arena_copy(&arena, predictions.id, predictions.rows * predictions.id_bytes, &failure);
    memcpy(ids + 7 * predictions.id_bytes, ids, predictions.id_bytes);
    predictions.id = ids;
    ck_assert(!contest_write_videos(&predictions, 20, &file, arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "(start -1) is there twice; predict again"));
}
END_TEST

START_TEST(fusion_is_the_weighted_mean_in_double_precision)
{
    static const char *const paths[] = { GOLDEN "videos.safetensors",
                                         GOLDEN "videos-2.safetensors" };
    Predictions wanted;
    char path[1024];
    Fusion fusion = { 0 };
    ck_assert(fusion_weights(&fusion, "3,1", 2, &arena, &failure));
    ck_assert(fusion_open(&fusion, paths, 2, &arena, &failure));
    ck_assert_msg(fusion_write(&fusion, &file, arena, &failure), "%s", failure.message);
    fusion_close(&fusion);
    strcpy(path, file.path);
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    ck_assert(predictions_open(&predictions, path, &arena, &failure));
    ck_assert(predictions_open(&wanted, GOLDEN "fused-3-1.safetensors", &arena, &failure));
    ck_assert_uint_eq(predictions.rows, wanted.rows);
    ck_assert_mem_eq(predictions.scores, wanted.scores,
                     wanted.rows * wanted.classes * sizeof *wanted.scores);
    ck_assert_mem_eq(predictions.id, wanted.id, wanted.rows * wanted.id_bytes);
    ck_assert_mem_eq(predictions.class, wanted.class, wanted.classes * sizeof *wanted.class);
    predictions_close(&wanted);
}
END_TEST

START_TEST(files_of_other_rows_are_not_fused)
{
    static const char *const paths[] = { GOLDEN "videos.safetensors",
                                         GOLDEN "segments.safetensors" };
    Fusion fusion = { 0 };
    ck_assert(!fusion_open(&fusion, paths, 2, &arena, &failure));
    ck_assert_str_eq(failure.message,
                     GOLDEN "videos.safetensors has 25 rows, " GOLDEN
                            "segments.safetensors 60; predict the same ones");
    fusion_close(&fusion);
}
END_TEST

static const char *const bad_weights[] = { "1", "1,2,3", "1,x", "0,0", "1,-1", "1,nan", "", "1,," };

START_TEST(weights_that_do_not_fit_are_refused)
{
    Fusion fusion = { 0 };
    ck_assert(!fusion_weights(&fusion, bad_weights[_i], 2, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_USAGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("contest_csv");
    TCase *cases = tcase_create("contest_csv");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, videos_become_lines_of_their_best_classes);
    tcase_add_test(cases, segments_become_lines_of_classes_ties_by_id_and_start);
    tcase_add_test(cases, a_class_that_was_not_predicted_is_refused_by_name);
    tcase_add_test(cases, segments_are_no_submission_of_2018);
    tcase_add_test(cases, a_score_that_is_not_a_number_is_refused_by_name);
    tcase_add_test(cases, a_row_that_is_there_twice_is_refused);
    tcase_add_test(cases, fusion_is_the_weighted_mean_in_double_precision);
    tcase_add_test(cases, files_of_other_rows_are_not_fused);
    tcase_add_loop_test(cases, weights_that_do_not_fit_are_refused, 0,
                        sizeof bad_weights / sizeof *bad_weights);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
