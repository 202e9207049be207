/* MAP@K of rated segments: against the definition, by hand and by another program. */
#include "common/rank/segment_map.h"
#include "common/rank/truth_csv.h"

#include <unistd.h>
#include "unit/golden_rank.h"

static Arena arena;
static Failure failure;
static SegmentTruth truth;
static SegmentMap map;
static SegmentMapResult results[TRUTH_PARTS], *const result = results;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

static bool score(const char *submission, const char *truth_path, size_t top)
{
    if (!segment_truth_read_csv(&truth, truth_path, &arena, &failure)
        || !segment_map_open(&map, &truth, top, &arena, &failure)
        || !segment_map_read_csv(&map, submission, &failure))
        return false;
    segment_map_finish(&map, results);
    return true;
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

START_TEST(submissions_score_as_the_definition_says)
{
    static const size_t tops[] = { 100000, 20, 100000 };
    char name[16], submission[128], truth_path[128];
    snprintf(name, sizeof name, "map-%d", _i);
    snprintf(submission, sizeof submission, GOLDEN "%s.submission.csv", name);
    snprintf(truth_path, sizeof truth_path, GOLDEN "%s.truth.csv", name);
    ck_assert_msg(score(submission, truth_path, tops[_i]), "%s", failure.message);
    ck_assert_golden(result->map, name, "map");
    ck_assert_golden((double)result->classes, name, "classes");
    for (size_t i = 0; i < truth.class_count; i++) {
        char what[32];
        snprintf(what, sizeof what, "class-%u", truth.classes[i]);
        if (truth.class_positives[0][i])
            ck_assert_golden(map.values[0][i], name, what);
    }
}
END_TEST

START_TEST(unrated_segments_take_no_rank_but_a_place_before_the_cut)
{
    const char *truth_text = "VideoId,Start,Class,Relevant\na,5,3,1\nb,5,3,0\nc,10,3,1\n";
    // x:0 is unrated: ranks b (no), a (yes), c (yes): (1/2 + 2/3) / 2
    ck_assert(score_texts("Class,Segments\n3,x:0 b:5 a:5 c:10\n", truth_text, 100000));
    ck_assert_double_eq_tol(result->map, 7.0 / 12, 1e-15);
    // cut after three: b, a
    ck_assert(score_texts("Class,Segments\n3,x:0 b:5 a:5 c:10\n", truth_text, 3));
    ck_assert_double_eq_tol(result->map, 1.0 / 4, 1e-15);
    ck_assert_uint_eq(map.ignored.beyond, 1);
}
END_TEST

/* Most of a contest's segments have no rating. That none of a submission's has one is worth a word. */
START_TEST(segments_without_a_rating_are_unknown_where_all_are)
{
    const char *truth_text = "VideoId,Start,Class,Relevant\na,5,3,1\n";
    ck_assert(score_texts("Class,Segments\n3,x:0 y:5 a:5\n", truth_text, 100000));
    ck_assert_uint_eq(map.ignored.unknown_ids, 0);
    ck_assert(score_texts("Class,Segments\n3,x:0 y:5\n", truth_text, 100000));
    ck_assert_uint_eq(map.ignored.unknown_ids, 2);
}
END_TEST

/* All that the golden file says of a part, when lists are cut after `top`. */
static void check_part(TruthPart part, size_t top)
{
    char what[64], prefix[32];
    snprintf(prefix, sizeof prefix, "%s-%zu", truth_part_name(part), top);
    snprintf(what, sizeof what, "%s-map", prefix);
    ck_assert_golden(results[part].map, "parts", what);
    snprintf(what, sizeof what, "%s-ranks", prefix);
    ck_assert_golden((double)map.ranks[part], "parts", what);
    for (size_t i = 0; i < truth.class_count; i++) {
        snprintf(what, sizeof what, "%s-class-%u", prefix, truth.classes[i]);
        if (truth.class_positives[part][i])
            ck_assert_golden(map.values[part][i], "parts", what);
    }
    for (size_t rank = 1; rank <= map.ranks[part]; rank++) {
        snprintf(what, sizeof what, "%s-rank-%zu", prefix, rank);
        ck_assert_golden(segment_map_precision(&map, part, rank, results[part].classes), "parts",
                         what);
    }
}

START_TEST(parts_of_a_truth_are_scored_each_by_itself)
{
    size_t top = _i ? 9 : 20;
    ck_assert_msg(score(GOLDEN "segments.top20.csv", GOLDEN "parts.truth.csv", top), "%s",
                  failure.message);
    ck_assert_uint_eq(results[TRUTH_PUBLIC].classes, 3); // class 8 has no positives there
    ck_assert_uint_eq(results[TRUTH_PRIVATE].classes, 4);
    check_part(TRUTH_PUBLIC, top);
    check_part(TRUTH_PRIVATE, top);
}
END_TEST

START_TEST(predictions_score_as_their_submission_does)
{
    Predictions predictions = { 0 };
    size_t top = _i ? 9 : 20;
    ck_assert(segment_truth_read_csv(&truth, GOLDEN "parts.truth.csv", &arena, &failure));
    ck_assert(segment_map_open(&map, &truth, top, &arena, &failure));
    ck_assert(predictions_open(&predictions, GOLDEN "segments.safetensors", &arena, &failure));
    ck_assert_msg(segment_map_read_predictions(&map, &predictions, arena, &failure), "%s",
                  failure.message);
    segment_map_finish(&map, results);
    check_part(TRUTH_PUBLIC, top);
    check_part(TRUTH_PRIVATE, top);
    ck_assert_uint_eq(map.ignored.missing, 1); // class 5, which was not predicted
    predictions_close(&predictions);
}
END_TEST

START_TEST(predictions_of_whole_videos_are_refused_by_row)
{
    Predictions predictions = { 0 };
    ck_assert(segment_truth_read_csv(&truth, GOLDEN "parts.truth.csv", &arena, &failure));
    ck_assert(segment_map_open(&map, &truth, 9, &arena, &failure));
    ck_assert(predictions_open(&predictions, GOLDEN "videos.safetensors", &arena, &failure));
    ck_assert(!segment_map_read_predictions(&map, &predictions, arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "row 0 is a whole video"));
    predictions_close(&predictions);
}
END_TEST

START_TEST(ratings_without_a_header_score_as_those_with_one)
{
    ck_assert_msg(score_texts("Class,Segments\n3,x:0 b:5 a:5 c:10\n",
                              "a:5,3,1\nb:5,3,0\nc:10,3,1.0\n", 100000),
                  "%s", failure.message);
    ck_assert_uint_eq(truth.parts, 1);
    ck_assert_double_eq_tol(result->map, 7.0 / 12, 1e-15);
}
END_TEST

START_TEST(a_malformed_rating_without_a_header_is_refused_by_line_and_column)
{
    static const char *const texts[][2] = {
        { "a:5,3,1,public\na:10,3,1,hidden\n", "truth.csv:2:10: \"hidden\" is no part" },
        { "a:5,3,1,public\na:10,3,1\n", "truth.csv:2:9: 3 fields; a row has 4" },
        { "a:5,3,1\na,3,1\n", "truth.csv:2:1: no segment; write VIDEO:START" },
        { "a:5,3,1\na:x,3,1\n", "truth.csv:2:3: the start is no whole number" },
        { "a:5,3,1\na:5,-3,1\n", "truth.csv:2:5: \"-3\" is no class" },
        { "a:5,3,1\na:5,3,nan\n", "truth.csv:2:7: the rating is no number" },
        { "a:5,3\n", "truth.csv:1:6: 2 fields; a row has 3" },
    };
    ck_assert(!score_texts("Class,Segments\n", texts[_i][0], 9));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_msg(strstr(failure.message, texts[_i][1]) != NULL, "%s", failure.message);
}
END_TEST

START_TEST(a_missing_class_scores_nothing_and_one_without_positives_is_left_out)
{
    ck_assert(score_texts("Class,Segments\n3,a:5 a:5\n9,a:5\n3,b:5\n4,\n",
                          "VideoId,Start,Class,Relevant\na,5,3,1\na,5,5,1\na,5,7,0\na,5,4,1\n",
                          100000));
    ck_assert_uint_eq(result->classes, 3);
    ck_assert_double_eq_tol(result->map, 1.0 / 3, 1e-15);
    ck_assert_uint_eq(map.ignored.repeated_entries, 1);
    ck_assert_uint_eq(map.ignored.unknown_classes, 1);
    ck_assert_uint_eq(map.ignored.repeated_rows, 1);
    ck_assert_uint_eq(map.ignored.missing, 2); // 5 and 7
}
END_TEST

/* A list of ids of every length around the words and blocks that the scan reads at once. */
START_TEST(ids_of_any_length_are_found_anywhere_in_a_list)
{
    static char list[1 << 16], truth_text[1 << 16], id[128];
    size_t at = (size_t)sprintf(list, "Class,Segments\n3,");
    size_t to = (size_t)sprintf(truth_text, "VideoId,Start,Class,Relevant\n");
    memset(id, 'i', sizeof id);
    for (int repeat = 0; repeat < 3; repeat++)
        for (int length = 1; length < 100; length++) {
            const char *between = (length + repeat) % 5 ? " " : "   ";
            at += (size_t)sprintf(list + at, "%.*s%c:%d%s", length, id, 'a' + repeat, length,
                                  between);
            to += (size_t)sprintf(truth_text + to, "%.*s%c,%d,3,1\n", length, id, 'a' + repeat,
                                  length);
        }
    sprintf(list + at, "\n");
    ck_assert_msg(score_texts(list, truth_text, 100000), "%s", failure.message);
    ck_assert_double_eq_tol(result->map, 1, 1e-12);
    ck_assert_uint_eq(map.ignored.unknown_ids, 0);
    ck_assert_uint_eq(map.ignored.repeated_entries, 0);
    ck_assert(score_texts(list, truth_text, 100)); // the first 100 of 297 positives
    ck_assert_double_eq_tol(result->map, 100.0 / 297, 1e-12);
    ck_assert_uint_eq(map.ignored.beyond, 197);
}
END_TEST

START_TEST(a_malformed_class_is_refused_by_line_and_column)
{
    ck_assert(!score_texts("Class,Segments\n3,a:5\nx,a:5\n",
                           "VideoId,Start,Class,Relevant\na,5,3,1\n", 100000));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(
        strstr(failure.message, ".csv:3:1: \"x\" is no class; write a whole number"));
}
END_TEST

START_TEST(a_malformed_rating_is_refused_by_line_and_column)
{
    ck_assert(!score_texts("Class,Segments\n", "VideoId,Start,Class,Relevant\na,5,3,NaN\n", 9));
    ck_assert_ptr_nonnull(strstr(failure.message, "truth.csv:2:7: the rating is no number"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segment_map");
    TCase *cases = tcase_create("segment_map");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, submissions_score_as_the_definition_says, 0, 3);
    tcase_add_test(cases, unrated_segments_take_no_rank_but_a_place_before_the_cut);
    tcase_add_test(cases, segments_without_a_rating_are_unknown_where_all_are);
    tcase_add_loop_test(cases, parts_of_a_truth_are_scored_each_by_itself, 0, 2);
    tcase_add_loop_test(cases, predictions_score_as_their_submission_does, 0, 2);
    tcase_add_test(cases, predictions_of_whole_videos_are_refused_by_row);
    tcase_add_test(cases, ratings_without_a_header_score_as_those_with_one);
    tcase_add_loop_test(cases, a_malformed_rating_without_a_header_is_refused_by_line_and_column, 0,
                        7);
    tcase_add_test(cases, a_missing_class_scores_nothing_and_one_without_positives_is_left_out);
    tcase_add_test(cases, ids_of_any_length_are_found_anywhere_in_a_list);
    tcase_add_test(cases, a_malformed_class_is_refused_by_line_and_column);
    tcase_add_test(cases, a_malformed_rating_is_refused_by_line_and_column);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
