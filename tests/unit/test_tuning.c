/* Tuning: the objective against what other programs say of fused files, weights files, resumption. */
#include "suite.h"
#include "temporary.h"
#include "common/base/philox.h"
#include "common/rank/ensemble_tuning.h"
#include "common/rank/fusion.h"
#include "common/rank/rank_fusion.h"
#include "common/rank/segment_map.h"
#include "common/rank/truth_csv.h"
#include "common/rank/weights_file.h"

#include <math.h>
#include <string.h>

#define MEMBERS 3
#define ROWS 40
#define CLASSES 5

static Arena arena;
static Failure failure;
static SegmentTruth truth;
static EnsembleMap map;
static const char *paths[MEMBERS];

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 30, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

static const char *path_of(const char *name)
{
    const char *path = temporary_path(name, 0);
    return arena_copy(&arena, path, strlen(path), &failure);
}

static const char *file_of(const char *name, const char *text)
{
    const char *path = path_of(name);
    ck_assert(file_write(path, text, strlen(text), &failure));
    return path;
}

static double drawn(const char *what, size_t i, size_t j)
{
    uint32_t words[4];
    philox(philox_key(9, what), i, j, words);
    return philox_uniform(words[0]);
}

/* Row r is segment (r * 7 mod ROWS) of a video: rows aren't in the order of their names. */
static void name_of(size_t row, char id[8], int32_t *start)
{
    size_t segment = row * 7 % ROWS;
    snprintf(id, 8, "v%zu", segment / 4);
    *start = (int32_t)(segment % 4) * 35;
}

/* Predictions of a member, with some scores that are equal. */
static void write_predictions(const char *path, size_t member)
{
    static char ids[ROWS][8];
    static int32_t starts[ROWS];
    static float scores[ROWS][CLASSES];
    const uint32_t classes[CLASSES] = { 3, 5, 8, 11, 20 };
    SafetensorsWriter writer = safetensors_writer(&arena);
    AtomicFile file;
    for (size_t row = 0; row < ROWS; row++) {
        name_of(row, ids[row], &starts[row]);
        for (size_t c = 0; c < CLASSES; c++)
            scores[row][c] = (float)floor(12 * drawn("scores", member, row * CLASSES + c)) / 8;
    }
    Predictions like = { .rows = ROWS,
                         .classes = CLASSES,
                         .id_bytes = 8,
                         .class = classes,
                         .start = starts,
                         .id = ids[0] };
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert(predictions_start(&writer, &like, &file, &failure));
    ck_assert(safetensors_write(&writer, "scores", scores, sizeof scores, &failure));
    ck_assert(safetensors_finish(&writer, &failure));
    ck_assert(atomic_file_commit(&file, NULL, &failure));
}

/* A submission of a member: a third of the segments is in no list. */
static void write_submission(const char *path, size_t member)
{
    static const uint32_t classes[CLASSES] = { 3, 5, 8, 11, 20 };
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("Class,Segments\n", file);
    for (size_t c = 0; c < CLASSES; c++) {
        size_t first = (size_t)(ROWS * drawn("first", member, c));
        fprintf(file, "%u,", classes[c]);
        for (size_t i = 0; i < ROWS; i++) {
            size_t row = (first + i * (member ? 3 : 11)) % ROWS;
            char id[8];
            int32_t start;
            name_of(row, id, &start);
            if (drawn("listed", member, c * ROWS + row) < 0.67)
                fprintf(file, "%s:%d ", id, start);
        }
        fputs("\n", file);
    }
    fclose(file);
}

/* About half of the segments are rated for each class, some in each part, one in none of the files. */
static const char *write_truth(bool parts)
{
    static const uint32_t classes[CLASSES] = { 3, 5, 8, 11, 20 };
    const char *path = path_of("truth.csv");
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (size_t c = 0; c < CLASSES; c++)
        for (size_t row = 0; row <= ROWS; row++) {
            char id[8] = "unseen";
            int32_t start = 5;
            if (row < ROWS)
                name_of(row, id, &start);
            if (drawn("rated", c, row) < 0.5)
                fprintf(file, "%s:%d,%u,%d%s\n", id, start, classes[c],
                        drawn("positive", c, row) < 0.5,
                        !parts                            ? ""
                            : drawn("part", c, row) < 0.5 ? ",public"
                                                          : ",private");
        }
    fclose(file);
    return path;
}

static void open_members(void (*write)(const char *, size_t), const char *ending)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "member-%zu%s", i, ending);
        paths[i] = path_of(name);
        write(paths[i], i);
    }
}

/* Weights to compare by: equal ones, one that is 0, one alone, others. */
static const double weights[][MEMBERS] = {
    { 1, 1, 1 }, { 0.5, 0, 0.5 }, { 0, 0, 1 }, { 0.123457, 0.6, 0.276543 }
};
static const size_t tops[] = { 100000, 17, 5, 1 };
#define WEIGHTS (sizeof weights / sizeof *weights)
#define TOPS (sizeof tops / sizeof *tops)

/* What is left of MAP when predictions are fused to a file, and that is scored. */
static double map_of_fused(const double *with, size_t top, TruthPart part)
{
    SegmentMap scored;
    SegmentMapResult result[TRUTH_PARTS];
    Fusion fusion = { 0 };
    Predictions fused;
    AtomicFile file;
    const char *path = path_of("fused.safetensors");
    ck_assert(fusion_open(&fusion, paths, MEMBERS, &arena, &failure));
    ck_assert(fusion_take_weights(&fusion, with, MEMBERS, &arena, &failure));
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert(fusion_write(&fusion, &file, arena, &failure));
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    fusion_close(&fusion);
    ck_assert(segment_map_open(&scored, &truth, top, &arena, &failure));
    ck_assert(predictions_open(&fused, path, &arena, &failure));
    ck_assert(segment_map_read_predictions(&scored, &fused, arena, &failure));
    segment_map_finish(&scored, result);
    predictions_close(&fused);
    return result[part].map;
}

START_TEST(the_value_of_scores_is_that_of_the_fused_file)
{
    size_t top = tops[_i / WEIGHTS];
    const double *with = weights[_i % WEIGHTS];
    Fusion fusion = { 0 };
    open_members(write_predictions, ".safetensors");
    ck_assert(segment_truth_read_csv(&truth, write_truth(false), &arena, &failure));
    ck_assert(fusion_open(&fusion, paths, MEMBERS, &arena, &failure));
    ck_assert(ensemble_map_of_predictions(&map, (EnsembleTruth){ &truth, 0, top }, fusion.inputs,
                                          MEMBERS, &arena, &failure));
    ck_assert(map.rivals > 0 || top >= ROWS);
    double value = ensemble_map_value(&map, with, 1);
    fusion_close(&fusion);
    ck_assert(value == map_of_fused(with, top, TRUTH_PUBLIC));
}
END_TEST

/* The same of submissions. */
static double map_of_rank_fused(const double *with, double w0, size_t top)
{
    SegmentMap scored;
    SegmentMapResult result[TRUTH_PARTS];
    RankFusion fusion = { .weights = with, .count = MEMBERS, .top = top, .w0 = w0 };
    AtomicFile file;
    const char *path = path_of("fused.csv");
    ck_assert_msg(rank_fusion_open(&fusion, paths, &arena, &failure), "%s", failure.message);
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert(rank_fusion_write(&fusion, &file, arena, &failure));
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    rank_fusion_close(&fusion);
    ck_assert(segment_map_open(&scored, &truth, top, &arena, &failure));
    ck_assert(segment_map_read_csv(&scored, path, &failure));
    segment_map_finish(&scored, result);
    return result[0].map;
}

START_TEST(the_value_of_ranks_is_that_of_the_fused_file)
{
    // a top of 30 cuts fused lists, but none of the members' own: these have 27 or so of 40
    static const size_t fused_tops[] = { 100000, 36, 33, 30 };
    size_t top = fused_tops[_i / WEIGHTS];
    const double *with = weights[_i % WEIGHTS];
    open_members(write_submission, ".csv");
    ck_assert(segment_truth_read_csv(&truth, write_truth(false), &arena, &failure));
    ck_assert(ensemble_map_of_submissions(&map, (EnsembleTruth){ &truth, 0, top }, paths, MEMBERS,
                                          &arena, &failure));
    ck_assert(map.rivals > 0 || top > 36);
    ck_assert(ensemble_map_value(&map, with, 1) == map_of_rank_fused(with, 1, top));
    ck_assert(ensemble_map_value(&map, with, 6.058) == map_of_rank_fused(with, 6.058, top));
}
END_TEST

START_TEST(ratings_of_another_part_are_none)
{
    Fusion fusion = { 0 };
    open_members(write_predictions, ".safetensors");
    ck_assert(segment_truth_read_csv(&truth, write_truth(true), &arena, &failure));
    ck_assert(fusion_open(&fusion, paths, MEMBERS, &arena, &failure));
    ck_assert(ensemble_map_of_predictions(&map, (EnsembleTruth){ &truth, TRUTH_PRIVATE, 17 },
                                          fusion.inputs, MEMBERS, &arena, &failure));
    double value = ensemble_map_value(&map, weights[3], 1);
    fusion_close(&fusion);
    ck_assert(value == map_of_fused(weights[3], 17, TRUTH_PRIVATE));
}
END_TEST

START_TEST(places_are_weighed_as_worked_by_hand)
{
    // class 3: p is 1st (there twice) and 3rd, q 2nd and 1st, r only 2nd of the second. Weights 2 and 1, w0 = 1:
    // p 2 + 1/3, q 1 + 1, r 1/2: p q r. w0 = 3: p 2 + 3/5, q 3/2 + 1, r 3/4: p q r as well;
    // weights 1 and 1: p 4/3, q 3/2: q p r
    const char *files[] = { file_of("x.csv", "Class,Segments\n3,p:0 q:0 p:0\n"),
                            file_of("y.csv", "Class,Segments\n3,q:0 r:0 p:0\n") };
    const char *ratings = file_of("truth.csv", "p:0,3,1\nq:0,3,0\nr:0,3,1\nz:0,3,1\n");
    ck_assert(segment_truth_read_csv(&truth, ratings, &arena, &failure));
    ck_assert(ensemble_map_of_submissions(&map, (EnsembleTruth){ &truth, 0, 100000 }, files, 2,
                                          &arena, &failure));
    ck_assert_double_eq_tol(ensemble_map_value(&map, (double[]){ 2, 1 }, 1), (1 + 2.0 / 3) / 3,
                            1e-15);
    ck_assert_double_eq_tol(ensemble_map_value(&map, (double[]){ 1, 1 }, 1), (0.5 + 2.0 / 3) / 3,
                            1e-15);
    // the first alone doesn't list r; cut after one: p
    ck_assert_double_eq_tol(ensemble_map_value(&map, (double[]){ 1, 0 }, 1), 1.0 / 3, 1e-15);
    ck_assert(ensemble_map_of_submissions(&map, (EnsembleTruth){ &truth, 0, 2 }, files, 2, &arena,
                                          &failure));
    ck_assert_double_eq_tol(ensemble_map_value(&map, (double[]){ 2, 1 }, 1), 1.0 / 3, 1e-15);
}
END_TEST

/* Files that can't be tuned on: truth, first member, second member, code, what is said. */
static const struct {
    const char *truth, *first, *second;
    int code;
    const char *said;
} bad[] = {
    { "p:0,3,0\n", "3,p:0\n", "3,p:0\n", EX_DATAERR, "no rating that is positive" },
    { "z:0,3,1\n", "3,p:0\n", "3,p:0\n", EX_DATAERR, "no member knows any of the rated segments" },
    { "p:0,3,1\np:0,4,1\n", "3,p:0\n4,p:0\n", "3,p:0\n", EX_DATAERR,
      "class 4 is rated but has no line" },
    { "p:0,3,1\n", "3,p:0\n3,q:0\n", "3,p:0\n", EX_DATAERR, "class 3" },
};

START_TEST(members_that_do_not_fit_the_truth_are_refused)
{
    const char *header = "Class,Segments\n";
    const char *files[] = {
        file_of("x.csv", arena_format(&arena, &failure, "%s%s", header, bad[_i].first)),
        file_of("y.csv", arena_format(&arena, &failure, "%s%s", header, bad[_i].second))
    };
    ck_assert(
        segment_truth_read_csv(&truth, file_of("truth.csv", bad[_i].truth), &arena, &failure));
    ck_assert(!ensemble_map_of_submissions(&map, (EnsembleTruth){ &truth, 0, 100000 }, files, 2,
                                           &arena, &failure));
    ck_assert_int_eq(failure.code, bad[_i].code);
    ck_assert_msg(strstr(failure.message, bad[_i].said) != NULL, "%s", failure.message);
}
END_TEST

START_TEST(weights_are_read_by_name)
{
    static const char *const names[] = { "b", "a" };
    double found[2];
    WeightsFile file;
    const char *path = file_of("w.json",
                               "{\"kind\": \"weights\", \"format\": 1, \"fusion\": "
                               "\"scores\", \"weights\": {\"a\": 1, \"b\": 0.5}}");
    ck_assert(weights_file_read(&file, path, &arena, &failure));
    ck_assert(weights_file_take(found, &file, false, names, 2, &failure));
    ck_assert_double_eq(found[0], 0.5);
    ck_assert_double_eq(found[1], 1);
}
END_TEST

/* Weights files, the names of two files, and what is said. */
static const struct {
    const char *text, *names[2];
    const char *said;
} bad_weights[] = {
    { "{\"kind\": \"weights\"", { "a", "b" }, "w.json:1:" },
    { "{\"kind\": \"metrics\"}", { "a", "b" }, "no weights of format 1" },
    { "{\"kind\": \"weights\", \"format\": 1, \"fusion\": \"scores\", \"weights\": {\"a\": 1}}",
      { "a", "b" },
      "no weight for b" },
    { "{\"kind\": \"weights\", \"format\": 1, \"fusion\": \"scores\", \"weights\": {\"a\": 1, "
      "\"b\": 1, \"c\": 1}}",
      { "a", "b" },
      "has a weight for c" },
    { "{\"kind\": \"weights\", \"format\": 1, \"fusion\": \"scores\", \"weights\": {\"a\": -1, "
      "\"b\": 1}}",
      { "a", "b" },
      "the weight of a must be a number from 0" },
    { "{\"kind\": \"weights\", \"format\": 1, \"fusion\": \"scores\", \"weights\": {\"a\": 0, "
      "\"b\": 0}}",
      { "a", "b" },
      "no weight is above 0" },
    { "{\"kind\": \"weights\", \"format\": 1, \"fusion\": \"ranks\", \"weights\": {\"a\": 1, "
      "\"b\": 1}}",
      { "a", "b" },
      "need a \"w0\" above 0" },
    { "{\"kind\": \"weights\", \"format\": 1, \"fusion\": \"ranks\", \"w0\": 1, \"weights\": "
      "{\"a\": 1, \"b\": 1}}",
      { "a", "b" },
      "weights of ranks; use them with rankfuse" },
    { "{\"kind\": \"weights\", \"format\": 1, \"fusion\": \"scores\", \"weights\": {\"a\": 1, "
      "\"a\": 1}}",
      { "a", "b" },
      "duplicate" },
};

START_TEST(weights_that_do_not_fit_are_refused)
{
    double found[2];
    WeightsFile file;
    const char *path = file_of("w.json", bad_weights[_i].text);
    ck_assert(!weights_file_read(&file, path, &arena, &failure)
              || !weights_file_take(found, &file, false, bad_weights[_i].names, 2, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_msg(strstr(failure.message, bad_weights[_i].said) != NULL, "%s", failure.message);
}
END_TEST

START_TEST(names_are_those_given_or_those_of_the_files)
{
    static const char *const files[] = { "some/a-1.safetensors", "b.csv" };
    const char **names;
    ck_assert(member_names(&names, NULL, files, 2, &arena, &failure));
    ck_assert_str_eq(names[0], "a-1");
    ck_assert_str_eq(names[1], "b");
    ck_assert(member_names(&names, "x,y", files, 2, &arena, &failure));
    ck_assert_str_eq(names[1], "y");
    ck_assert(!member_names(&names, "x,y,z", files, 2, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_USAGE);
    failure = (Failure){ 0 };
    ck_assert(!member_names(&names, "x,x", files, 2, &arena, &failure));
    ck_assert_ptr_nonnull(strstr(failure.message, "another file has it"));
    failure = (Failure){ 0 };
    ck_assert(!member_names(&names, "x,", files, 2, &arena, &failure));
}
END_TEST

/* A check that lets so many trials pass. */
static bool stop_after(void *context, Failure *stopped)
{
    size_t *left = context;
    return (*left)-- > 1 || fail(stopped, EX_TEMPFAIL, "stopped");
}

static TuningSettings settings_of(size_t *left)
{
    static const char *const names[MEMBERS] = { "one", "two", "three" };
    return (TuningSettings){ .space = { MEMBERS, 0.1, 10 },
                             .names = names,
                             .trials = 16,
                             .seed = 2,
                             .state_path = path_of("tuning.state"),
                             .check = stop_after,
                             .check_context = left };
}

static char *text_of(const Tuning *tuning, bool trials)
{
    const char *path = path_of("text");
    char *text;
    size_t size;
    AtomicFile file;
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert(trials ? tuning_write_trials(tuning, &file, &failure)
                     : tuning_write_weights(tuning, &file, &failure));
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    ck_assert(file_read(path, &arena, &text, &size, &failure));
    return text;
}

static void open_tuning(void)
{
    open_members(write_submission, ".csv");
    ck_assert(segment_truth_read_csv(&truth, write_truth(false), &arena, &failure));
    ck_assert(ensemble_map_of_submissions(&map, (EnsembleTruth){ &truth, 0, 100000 }, paths,
                                          MEMBERS, &arena, &failure));
}

START_TEST(a_tuning_that_was_stopped_writes_the_bytes_of_one_that_was_not)
{
    Tuning whole, stopped;
    size_t never = SIZE_MAX, after = 9;
    open_tuning();
    TuningSettings settings = settings_of(&never);
    unlink(settings.state_path);
    ck_assert_msg(tuning_run(&whole, &settings, &map, &arena, &failure), "%s", failure.message);
    unlink(settings.state_path);
    settings.check_context = &after;
    ck_assert(!tuning_run(&stopped, &settings, &map, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_TEMPFAIL);
    failure = (Failure){ 0 };
    settings.check_context = &never;
    ck_assert(tuning_run(&stopped, &settings, &map, &arena, &failure));
    ck_assert_str_eq(text_of(&whole, true), text_of(&stopped, true));
    ck_assert_str_eq(text_of(&whole, false), text_of(&stopped, false));
}
END_TEST

START_TEST(tuned_weights_are_read_back_and_give_the_map_that_was_written)
{
    Tuning tuning;
    WeightsFile file;
    size_t never = SIZE_MAX;
    double found[MEMBERS];
    open_tuning();
    TuningSettings settings = settings_of(&never);
    unlink(settings.state_path);
    ck_assert(tuning_run(&tuning, &settings, &map, &arena, &failure));
    const char *path = file_of("w.json", text_of(&tuning, false));
    ck_assert_msg(weights_file_read(&file, path, &arena, &failure), "%s", failure.message);
    ck_assert(weights_file_take(found, &file, true, settings.names, MEMBERS, &failure));
    double best = tuning.search.values[search_best(&tuning.search)];
    ck_assert(ensemble_map_value(&map, found, file.w0) == best);
    ck_assert(map_of_rank_fused(found, file.w0, 100000) == best);
    ck_assert_double_ge(best, ensemble_map_value(&map, weights[0], 1));
}
END_TEST

START_TEST(first_weights_are_equal_then_by_what_members_reach_alone)
{
    EnsembleSpace space = { MEMBERS, 1, 1 };
    double alone[MEMBERS], *points;
    open_tuning();
    ck_assert(ensemble_first_points(&space, &map, 1, 3, alone, &points, &arena, &failure));
    double best = fmax(alone[0], fmax(alone[1], alone[2])), mean = 0, square = 0;
    for (size_t i = 0; i < MEMBERS; i++)
        mean += alone[i] / MEMBERS;
    for (size_t i = 0; i < MEMBERS; i++)
        square += (alone[i] - mean) * (alone[i] - mean) / MEMBERS;
    for (size_t i = 0; i < MEMBERS; i++) {
        double one[MEMBERS] = { i == 0, i == 1, i == 2 };
        ck_assert(alone[i] == ensemble_map_value(&map, one, 1));
        ck_assert_double_eq(points[i], 1);
        ck_assert_double_eq_tol(points[MEMBERS + i], exp((alone[i] - best) / sqrt(square)), 1e-14);
    }
    ck_assert_uint_eq(ensemble_dimensions(&space), MEMBERS);
}
END_TEST

START_TEST(w0_is_spread_by_its_logarithm)
{
    EnsembleSpace space = { 2, 0.1, 10 };
    ck_assert_double_eq_tol(ensemble_w0(&space, (double[]){ 1, 1, 0 }), 0.1, 1e-12);
    ck_assert_double_eq_tol(ensemble_w0(&space, (double[]){ 1, 1, 0.5 }), 1, 1e-12);
    ck_assert_double_eq_tol(ensemble_w0(&space, (double[]){ 1, 1, 1 }), 10, 1e-12);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("tuning");
    tcase_set_timeout(cases, 300);
    temporary_begin();
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, the_value_of_scores_is_that_of_the_fused_file, 0, TOPS * WEIGHTS);
    tcase_add_loop_test(cases, the_value_of_ranks_is_that_of_the_fused_file, 0, 4 * WEIGHTS);
    tcase_add_test(cases, ratings_of_another_part_are_none);
    tcase_add_test(cases, places_are_weighed_as_worked_by_hand);
    tcase_add_loop_test(cases, members_that_do_not_fit_the_truth_are_refused, 0,
                        sizeof bad / sizeof *bad);
    tcase_add_test(cases, weights_are_read_by_name);
    tcase_add_loop_test(cases, weights_that_do_not_fit_are_refused, 0,
                        sizeof bad_weights / sizeof *bad_weights);
    tcase_add_test(cases, names_are_those_given_or_those_of_the_files);
    tcase_add_test(cases, a_tuning_that_was_stopped_writes_the_bytes_of_one_that_was_not);
    tcase_add_test(cases, tuned_weights_are_read_back_and_give_the_map_that_was_written);
    tcase_add_test(cases, first_weights_are_equal_then_by_what_members_reach_alone);
    tcase_add_test(cases, w0_is_spread_by_its_logarithm);
    int code = run_case("tuning", cases);
    temporary_end();
    return code;
}
