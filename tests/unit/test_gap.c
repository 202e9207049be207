/* GAP, Hit@1, PERR and MAP of videos: against the definitions, by hand and by another program. */
#include "common/rank/gap.h"
#include "common/rank/truth_csv.h"

#include <unistd.h>
#include "unit/golden_rank.h"

static Arena arena;
static Failure failure;
static VideoTruth truth;
static Gap gap;
static GapResult result;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
}

static void teardown(void)
{
    gap_close(&gap);
    arena_close(&arena);
}

static bool score(const char *submission, const char *truth_path, size_t top)
{
    return video_truth_read_csv(&truth, truth_path, &arena, &failure)
        && gap_open(&gap, &truth, top, 3862, &arena, &failure)
        && gap_read_csv(&gap, submission, &failure)
        && gap_finish(&gap, &result, NULL, arena, &failure);
}

static bool score_texts(const char *submission, const char *truth_text, size_t top)
{
    char path[1024];
    strcpy(path, text_file("truth.csv", truth_text));
    const char *other = text_file("submission.csv", submission);
    bool ok = score(other, path, top);
    unlink(path);
    unlink(other);
    return ok;
}

START_TEST(submissions_score_as_the_definitions_say)
{
    static const size_t tops[] = { 20, 20, 3, 1 };
    char name[16], submission[128], truth_path[128];
    snprintf(name, sizeof name, "gap-%d", _i);
    snprintf(submission, sizeof submission, GOLDEN "%s.submission.csv", name);
    snprintf(truth_path, sizeof truth_path, GOLDEN "%s.truth.csv", name);
    ck_assert_msg(score(submission, truth_path, tops[_i]), "%s", failure.message);
    ck_assert_golden(result.gap, name, "gap");
    ck_assert_golden(result.hit_at_1, name, "hit_at_1");
    ck_assert_golden(result.perr, name, "perr");
    ck_assert_golden(result.map, name, "map");
    ck_assert_golden((double)result.classes, name, "classes");
    ck_assert_golden((double)result.videos, name, "videos");
    ck_assert_golden((double)result.positives, name, "positives");
}
END_TEST

START_TEST(with_ties_the_value_lies_between_the_worst_and_the_best_order)
{
    ck_assert(score(GOLDEN "gap-1.submission.csv", GOLDEN "gap-1.truth.csv", 20));
    ck_assert_double_ge(result.gap, golden_value("gap-1", "gap-worst"));
    ck_assert_double_le(result.gap, golden_value("gap-1", "gap-best"));
    ck_assert_double_lt(golden_value("gap-1", "gap-worst"), golden_value("gap-1", "gap-best"));
}
END_TEST

START_TEST(a_list_worked_by_hand_gets_its_value)
{
    // best first: a1 (hit), b3, a2 (hit); 4 labels: (1/1 + 2/3) / 4
    ck_assert(score_texts("VideoId,LabelConfidencePairs\nb,3 0.85\na,1 0.9 2 0.8\n",
                          "VideoId,Labels\na,1 2\nb,4\nc,1\n", 20));
    ck_assert_double_eq_tol(result.gap, 5.0 / 12, 1e-15);
    ck_assert_double_eq_tol(result.hit_at_1, 1.0 / 3, 1e-15);
    ck_assert_double_eq_tol(result.perr, 1.0 / 3, 1e-15);
    ck_assert_double_eq_tol(result.map, (0.5 + 1 + 0) / 3, 1e-15);
    ck_assert_uint_eq(gap.ignored.missing, 1);
}
END_TEST

START_TEST(the_order_of_rows_changes_nothing)
{
    const char *truth_text = "VideoId,Labels\na,1\nb,2\nc,1 2\n";
    ck_assert(score_texts("VideoId,LabelConfidencePairs\na,1 0.5 2 0.5\nb,1 0.5 2 0.5\nc,2 0.5\n",
                          truth_text, 20));
    GapResult first = result;
    gap_close(&gap);
    ck_assert(score_texts("VideoId,LabelConfidencePairs\nc,2 0.5\nb,2 0.5 1 0.5\na,2 0.5 1 0.5\n",
                          truth_text, 20));
    ck_assert_mem_eq(&first, &result, sizeof first);
}
END_TEST

START_TEST(what_a_contest_does_not_count_is_counted_by_kind)
{
    ck_assert(score_texts("VideoId,LabelConfidencePairs\n"
                          "a,1 0.9 1 0.8 3862 0.7 2 0.6 3 0.5\nzz,1 1\na,2 1\n",
                          "VideoId,Labels\na,2\nb,\n", 4));
    ck_assert_uint_eq(gap.ignored.repeated_entries, 1);
    ck_assert_uint_eq(gap.ignored.unknown_classes, 1);
    ck_assert_uint_eq(gap.ignored.beyond, 1);
    ck_assert_uint_eq(gap.ignored.unknown_ids, 1);
    ck_assert_uint_eq(gap.ignored.repeated_rows, 1);
    ck_assert_uint_eq(gap.ignored.missing, 1);
    ck_assert_double_eq_tol(result.gap, 0.5, 1e-15); // a1, a2 (hit)
}
END_TEST

START_TEST(predictions_score_as_the_definitions_say)
{
    Predictions predictions;
    ck_assert(predictions_open(&predictions, GOLDEN "videos.safetensors", &arena, &failure));
    ck_assert(video_truth_read_csv(&truth, GOLDEN "videos.truth.csv", &arena, &failure));
    ck_assert(gap_open(&gap, &truth, 5, 3862, &arena, &failure));
    ck_assert(gap_read_predictions(&gap, &predictions, arena, &failure));
    ck_assert(gap_finish(&gap, &result, NULL, arena, &failure));
    ck_assert_golden(result.gap, "videos", "gap");
    ck_assert_golden(result.hit_at_1, "videos", "hit_at_1");
    ck_assert_golden(result.perr, "videos", "perr");
    ck_assert_golden(result.map, "videos", "map");
    predictions_close(&predictions);
}
END_TEST

static const struct {
    const char *submission, *truth, *message;
} malformed[] = {
    { "VideoId,Labels\na,1 0.5\n", "VideoId,Labels\na,1\n",
      "submission.csv:1:1: the header is not VideoId,LabelConfidencePairs; give a table of that "
      "kind" },
    { "", "VideoId,Labels\na,1\n",
      "submission.csv:1:1: the header is not VideoId,LabelConfidencePairs; give a table of that "
      "kind" },
    { "VideoId,LabelConfidencePairs\na,1 0.5\nb\n", "VideoId,Labels\na,1\n",
      "submission.csv:3:2: 1 field; a row has 2, VideoId,LabelConfidencePairs" },
    { "VideoId,LabelConfidencePairs\na,1 0.5,7\n", "VideoId,Labels\na,1\n",
      "submission.csv:2:9: 3 fields; a row has 2, VideoId,LabelConfidencePairs" },
    { "VideoId,LabelConfidencePairs\na,1 nan\n", "VideoId,Labels\na,1\n",
      "submission.csv:2:5: the score \"nan\" is no finite number; write one" },
    { "VideoId,LabelConfidencePairs\na,1 0.5 2\n", "VideoId,Labels\na,1\n",
      "submission.csv:2:9: class 2 has no score; write pairs CLASS SCORE" },
    { "VideoId,LabelConfidencePairs\na,x 0.5\n", "VideoId,Labels\na,1\n",
      "submission.csv:2:3: \"x\" is no class; write pairs CLASS SCORE" },
    { "VideoId,LabelConfidencePairs\n,1 0.5\n", "VideoId,Labels\na,1\n",
      "submission.csv:2:1: the id is empty; name the video of this row" },
    { "VideoId,LabelConfidencePairs\n\"a,1 0.5\n", "VideoId,Labels\na,1\n",
      "submission.csv:2:1: a quote is missing or stands inside a field; write the file again" },
    { "VideoId,LabelConfidencePairs\n", "VideoId,Labels\na,1 -2\n",
      "truth.csv:2:5: \"-2\" is no class; write whole numbers below 1048576" },
    { "VideoId,LabelConfidencePairs\n", "VideoId,Labels\na,1\na,2\n",
      "truth.csv: video a is there twice; keep one of its rows" },
};

START_TEST(a_malformed_table_is_refused_by_line_and_column)
{
    ck_assert(!score_texts(malformed[_i].submission, malformed[_i].truth, 20));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    const char *message = strstr(failure.message, malformed[_i].message);
    ck_assert_msg(message && strcmp(message, malformed[_i].message) == 0, "%s", failure.message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gap");
    TCase *cases = tcase_create("gap");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, submissions_score_as_the_definitions_say, 0, 4);
    tcase_add_test(cases, with_ties_the_value_lies_between_the_worst_and_the_best_order);
    tcase_add_test(cases, a_list_worked_by_hand_gets_its_value);
    tcase_add_test(cases, the_order_of_rows_changes_nothing);
    tcase_add_test(cases, what_a_contest_does_not_count_is_counted_by_kind);
    tcase_add_test(cases, predictions_score_as_the_definitions_say);
    tcase_add_loop_test(cases, a_malformed_table_is_refused_by_line_and_column, 0,
                        sizeof malformed / sizeof *malformed);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
