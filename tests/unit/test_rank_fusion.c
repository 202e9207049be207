/* Rank fusion: against exact fractions, by hand, over threads, and what it refuses. */
#include "common/base/parallel.h"
#include "common/rank/class_fusion.h"

#include <stdio.h>
#include <string.h>
#include "suite.h"
#include "temporary.h"

#define GOLDEN "tests/golden/rank/rankfuse"
#define MOST_FILES 4

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
    parallel_threads(2);
    unlink(temporary_path("fused.csv", 3));
}

static void teardown(void)
{
    arena_close(&arena);
}

/* Fuse files into one text with one of the ways to do it; NULL with the failure filled. */
static char *fuse_by(RankFusion fusion, const char *const *paths, bool run)
{
    char *text = NULL;
    size_t size;
    const char *output = temporary_path("fused.csv", 3);
    AtomicFile file = { .descriptor = -1 };
    failure = (Failure){ 0 };
    unlink(output);
    bool ok = atomic_file_open(&file, output, &failure)
        && (run ? rank_fusion_run(&fusion, paths, &file, &arena, &failure)
                : rank_fusion_open(&fusion, paths, &arena, &failure)
                    && rank_fusion_write(&fusion, &file, arena, &failure))
        && atomic_file_commit(&file, NULL, &failure);
    atomic_file_discard(&file);
    rank_fusion_close(&fusion);
    return ok && file_read(output, &arena, &text, &size, &failure) ? text : NULL;
}

/* The same text, or failure, whether files are read in step or by the places of their rows. */
static char *fuse(RankFusion fusion, const char *const *paths)
{
    char *by_places = fuse_by(fusion, paths, false);
    Failure of_places = failure;
    char *in_step = fuse_by(fusion, paths, true);
    ck_assert_int_eq(of_places.code, failure.code);
    ck_assert_str_eq(of_places.message, failure.message);
    ck_assert(!in_step == !by_places);
    if (in_step)
        ck_assert_str_eq(in_step, by_places);
    return in_step;
}

static RankFusion fusion_of(const double *weights, size_t count)
{
    return (RankFusion){ .weights = weights, .count = count, .top = 100000, .w0 = 1 };
}

/* Fuse texts, the files a.csv, b.csv, ... with equal weights. */
static char *fuse_texts(size_t count, const char *const *texts)
{
    static const double ones[] = { 1, 1, 1 };
    const char *paths[3];
    for (size_t i = 0; i < count; i++) {
        char name[] = { (char)('a' + i), '.', 'c', 's', 'v', 0 };
        paths[i] = temporary_path(name, (unsigned)i);
        ck_assert(file_write(paths[i], texts[i], strlen(texts[i]), &failure));
    }
    return fuse(fusion_of(ones, count), paths);
}
#define FUSE(...)                                                                                  \
    fuse_texts(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *),                \
               (const char *const[]){ __VA_ARGS__ })

/* A message without the folder that files are in. */
static void leave_out_folder(char *message)
{
    size_t length = strlen(temporary_folder);
    for (char *at; (at = strstr(message, temporary_folder));)
        memmove(at, at + length, strlen(at + length) + 1);
}

static void check_refused(char *fused, const char *message)
{
    ck_assert_ptr_null(fused);
    ck_assert_int_eq(failure.code, EX_DATAERR);
    leave_out_folder(failure.message);
    ck_assert_str_eq(failure.message, message);
    ck_assert_int_ne(access(temporary_path("fused.csv", 3), F_OK), 0);
}

#define HEAD "Class,Segments\n"

START_TEST(golden_files_fuse_as_exact_fractions_say)
{
    static const struct {
        const char *golden, *paths[MOST_FILES];
        double weights[MOST_FILES], w0;
        size_t count, top;
    } cases[] = {
        { GOLDEN ".weighted.csv",
          { GOLDEN "-first.csv", GOLDEN "-second.csv", GOLDEN "-third.csv", GOLDEN "-fourth.csv" },
          { 3, 1.7, 0.61, 0 },
          1,
          4,
          100000 },
        { GOLDEN ".equal.csv",
          { GOLDEN "-fourth.csv", GOLDEN "-second.csv", GOLDEN "-third.csv", GOLDEN "-first.csv" },
          { 1, 1, 1, 1 },
          6.058,
          4,
          100000 },
        { GOLDEN ".top.csv",
          { GOLDEN "-third.csv", GOLDEN "-fourth.csv" },
          { 0.03, 200 },
          0.5,
          2,
          50 },
    };
    char *wanted;
    size_t size;
    RankFusion fusion = fusion_of(cases[_i].weights, cases[_i].count);
    fusion.w0 = cases[_i].w0;
    fusion.top = cases[_i].top;
    for (size_t threads = 1; threads <= 5; threads++) {
        parallel_threads(threads);
        char *fused = fuse(fusion, cases[_i].paths);
        ck_assert_msg(fused != NULL, "%s", failure.message);
        ck_assert(file_read(cases[_i].golden, &arena, &wanted, &size, &failure));
        ck_assert_str_eq(fused, wanted);
    }
}
END_TEST

/* spec/models 19.1, 11: a segment at places 1 and 3 of two lists has 1 + 1/3. */
START_TEST(a_segment_at_places_1_and_3_of_two_lists_has_one_and_a_third)
{
    static const double weights[] = { 1, 1 };
    RankFusion fusion = fusion_of(weights, 2);
    PlacePoints points = rank_points(&fusion, 0);
    uint64_t one = place_points(points, 0), third = place_points(points, 2);
    ck_assert_uint_eq(one, (uint64_t)1 << 60);     // 2^61 over a bound of two files
    ck_assert_uint_eq(third, 384307168202282304u); // 2^60 / 3 in the 53 bits of a double
    ck_assert_uint_eq(place_points(points, 3), (uint64_t)1 << 58);
}
END_TEST

START_TEST(w0_halves_a_term_at_the_place_that_is_w0_behind_the_first)
{
    static const double weights[] = { 4, 1 };
    RankFusion fusion = fusion_of(weights, 2);
    fusion.w0 = 8;
    PlacePoints points = rank_points(&fusion, 1);
    ck_assert_uint_eq(place_points(points, 8), place_points(points, 0) / 2);
}
END_TEST

START_TEST(one_submission_is_itself_with_its_classes_ascending)
{
    ck_assert_str_eq(FUSE(HEAD "7,wxyz:5 abcd:10\n3,abcd:0\n"),
                     HEAD "3,abcd:0\n7,wxyz:5 abcd:10\n");
}
END_TEST

/* a: 1 + 1/3, b: 1/2 + 1/2, c: 1/3 + 1, d: 1/4; a and c are equal, so the ids decide. */
START_TEST(equal_scores_stand_by_id_and_then_by_start)
{
    ck_assert_str_eq(
        FUSE(HEAD "3,cccc:100 bbbb:0 aaaa:5 dddd:0\n", HEAD "3,aaaa:5 bbbb:0 cccc:100\n"),
        HEAD "3,aaaa:5 cccc:100 bbbb:0 dddd:0\n");
    ck_assert_str_eq(FUSE(HEAD "3,aaaa:100 aaaa:5\n", HEAD "3,aaaa:5 aaaa:100\n"),
                     HEAD "3,aaaa:5 aaaa:100\n");
    ck_assert_str_eq(FUSE(HEAD "3,abc-long-id:15\n", HEAD "3,abc-long:20\n", HEAD "3,abc-long:5\n"),
                     HEAD "3,abc-long:5 abc-long:20 abc-long-id:15\n");
}
END_TEST

/* 1/2 + 1/3 + 1/7 in any order; in floating point the sums differ in their last bits. */
START_TEST(the_same_places_in_other_files_are_equal)
{
    ck_assert_str_eq(FUSE(HEAD "3,x1:1 zzzz:0 yyyy:0 x2:1 x3:1 x4:1 wwww:0\n",
                          HEAD "3,x1:1 yyyy:0 wwww:0 x2:1 x3:1 x4:1 zzzz:0\n",
                          HEAD "3,x1:1 wwww:0 zzzz:0 x2:1 x3:1 x4:1 yyyy:0\n"),
                     HEAD "3,x1:1 wwww:0 yyyy:0 zzzz:0 x2:1 x3:1 x4:1\n");
}
END_TEST

START_TEST(a_list_may_be_empty_and_so_may_the_fused_one)
{
    ck_assert_str_eq(FUSE(HEAD "3,\n4,abcd:5\n", HEAD "3,\n4,\n"), HEAD "3,\n4,abcd:5\n");
}
END_TEST

START_TEST(names_that_are_longer_than_a_word_are_told_apart_to_the_last_byte)
{
    ck_assert_str_eq(FUSE(HEAD "3,a-long-identifier-1:5 a-long-identifier-2:5 abcde:295\n",
                          HEAD "3,a-long-identifier-2:5 a-long-identifier-1:50\n"),
                     HEAD "3,a-long-identifier-2:5 a-long-identifier-1:5 a-long-identifier-1:50 "
                          "abcde:295\n");
}
END_TEST

static void check_same_text(const ClassFusion works[2], size_t rank)
{
    uint64_t words[2];
    TextEntry texts[2];
    for (unsigned i = 0; i < 2; i++)
        texts[i] = segment_scores_text(&works[i].scores,
                                       segment_ranking_id(&works[i].ranking, rank), &words[i]);
    ck_assert_uint_eq(texts[0].length, texts[1].length);
    ck_assert_mem_eq(texts[0].text, texts[1].text, texts[0].length);
}

/* Lists whose segments don't fit into a table at once are fused in shares, to the same ranking. */
START_TEST(a_small_table_gives_the_ranking_that_a_large_one_gives)
{
    enum { SEGMENTS = 30000 };
    const char *first = _i ? "longer-" : ""; // names that aren't the dataset's have texts
    static const double weights[] = { 2, 1 };
    static char *text;
    ClassFusion works[2];
    const char *paths[2];
    for (unsigned file = 0; file < 2; file++) {
        size_t size = 0;
        ck_assert(arena_array(&arena, text, SEGMENTS * 24, &failure));
        size += (size_t)sprintf(text, HEAD "3,");
        for (unsigned i = 0; i < SEGMENTS; i++)
            size += (size_t)sprintf(text + size, "%s%s%c%03u:%u", i ? " " : "", i % 3 ? first : "",
                                    i % 2 || file ? 'p' : 'q', i * (file ? 7 : 11) % SEGMENTS / 90,
                                    i * (file ? 7 : 11) % SEGMENTS % 90);
        size += (size_t)sprintf(text + size, "\n");
        paths[file] = temporary_path(file ? "b.csv" : "a.csv", file);
        ck_assert(file_write(paths[file], text, size, &failure));
    }
    RankFusion fusion = fusion_of(weights, 2);
    fusion.top = 20000;
    ck_assert(rank_fusion_open(&fusion, paths, &arena, &failure));
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(class_fusion_open(&works[i], &fusion, i ? 64 : 1 << 14, &arena, &failure));
        ck_assert_msg(class_fusion_run(&works[i], 0, &failure), "%s", failure.message);
        ck_assert_uint_eq(works[i].ranking.count, 20000);
    }
    ck_assert_uint_eq(works[0].share_bits, 0);
    ck_assert_uint_ge(works[1].share_bits, 2); // 60,000 entries, 16,384 at a time
    for (size_t rank = 0; rank < 20000; rank++)
        check_same_text(works, rank);
    class_fusion_close(&works[0]);
    class_fusion_close(&works[1]);
    rank_fusion_close(&fusion);
}
END_TEST

START_TEST(other_classes_are_refused_with_the_first_difference)
{
    check_refused(FUSE(HEAD "3,a:5\n7,a:5\n", HEAD "7,a:5\n4,a:5\n"),
                  "/a.csv has class 3, /b.csv hasn't; fuse submissions of the same classes");
}
END_TEST

START_TEST(a_class_that_only_the_later_file_has_is_refused)
{
    check_refused(FUSE(HEAD "3,a:5\n", HEAD "3,a:5\n9,a:5\n"),
                  "/b.csv has class 9, /a.csv hasn't; fuse submissions of the same classes");
}
END_TEST

START_TEST(a_segment_that_is_twice_in_a_list_is_refused_by_line_and_column)
{
    check_refused(FUSE(HEAD "3,a:5\n", HEAD "3,b:5 c:5 b:5\n"),
                  "/b.csv:2:11: class 3: \"b:5\" is in the list twice; remove one");
}
END_TEST

START_TEST(a_class_that_is_twice_in_a_file_is_refused_with_both_lines)
{
    check_refused(FUSE(HEAD "3,a:5\n4,a:5\n3,b:5\n"),
                  "/a.csv:4:1: class 3 is there twice, in line 2 too; remove one");
}
END_TEST

START_TEST(a_file_that_is_cut_off_in_a_row_is_refused)
{
    check_refused(FUSE(HEAD "3,a:5 b:1"),
                  "/a.csv:2: the last row has no newline: the file is cut off; write it again");
}
END_TEST

START_TEST(another_header_is_refused)
{
    check_refused(FUSE("VideoId,LabelConfidencePairs\nabcd,1 0.5\n"),
                  "/a.csv:1:1: the header is not Class,Segments; give a table of that kind");
}
END_TEST

START_TEST(an_empty_file_is_refused)
{
    check_refused(FUSE(""),
                  "/a.csv:1:1: the header is not Class,Segments; give a table of that kind");
}
END_TEST

START_TEST(a_file_without_a_class_is_refused)
{
    check_refused(FUSE(HEAD), "/a.csv: has no class; give a submission with rows");
}
END_TEST

START_TEST(what_is_no_segment_is_refused_by_line_and_column)
{
    static const char *const words[] = {
        "abcd",    ":5",       "abcd:",      "abcd:05",          "abcd:5x",
        "abcd:-5", "ab\tcd:5", "ab{d\x7f:5", "abcd:99999999999", "a\"b:5"
    };
    char text[64], message[256];
    snprintf(text, sizeof text, HEAD "3,wxyz:5 %s\n", words[_i]);
    if (strchr(words[_i], '"'))
        return; // libcsv refuses the row
    snprintf(message, sizeof message, "/a.csv:2:10: class 3: \"%s\" is no segment; write ID:START",
             words[_i]);
    for (char *at = message; *at; at++)
        if (*at == '\t' || *at == 0x7f)
            *at = '?';
    check_refused(FUSE(text), message);
}
END_TEST

START_TEST(a_list_of_more_than_100000_segments_is_refused_and_one_of_100000_is_not)
{
    char *text;
    size_t size = (size_t)sprintf((text = arena_allocate(&arena, 1200000, 1, &failure)), HEAD "3,");
    for (unsigned i = 0; i < 100000; i++)
        size += (size_t)sprintf(text + size, "%s%u:5", i ? " " : "", i);
    sprintf(text + size, "\n");
    ck_assert_str_eq(FUSE(text), text);
    unlink(temporary_path("fused.csv", 3));
    sprintf(text + size, " last:5\n");
    check_refused(FUSE(text),
                  "/a.csv:2:788893: class 3: \"last:5\" is one more than the 100000 that "
                  "count; cut the list");
}
END_TEST

START_TEST(of_two_faulty_classes_the_first_is_said_for_any_number_of_threads)
{
    for (size_t threads = 1; threads <= 4; threads++) {
        failure = (Failure){ 0 };
        parallel_threads(threads);
        check_refused(FUSE(HEAD "3,a:5\n4,b:5 b:5\n5,c\n6,d\n7,e\n"),
                      "/a.csv:3:7: class 4: \"b:5\" is in the list twice; remove one");
    }
}
END_TEST

/* Threads get ahead of the one with a long list; rows that no buffer holds wait for their turn. */
START_TEST(long_lists_among_short_ones_stand_in_their_order_for_any_number_of_threads)
{
    enum { LONG = 40000 };
    static const char *const names[] = { "a%03u:%u", "%060u:%u" };
    char *text = arena_allocate(&arena, 9000000, 1, &failure);
    size_t size = (size_t)sprintf(text, HEAD);
    for (unsigned class = 1; class <= 24; class ++) {
        size += (size_t)sprintf(text + size, "%u,b:5 c:%u", class, class);
        for (unsigned i = 0; class % 8 < 2 && i < LONG; i++) {
            text[size++] = ' ';
            size += (size_t)sprintf(text + size, names[class % 8], i / 100, i % 100);
        }
        text[size++] = '\n';
    }
    for (size_t threads = 1; threads <= 4; threads++) {
        text[size] = 0;
        parallel_threads(threads);
        char *fused = FUSE(text);
        ck_assert_msg(fused != NULL, "%s", failure.message);
        ck_assert(strcmp(fused, text) == 0);
        strcpy(text + size, "25,a:0 b\n26,a:0\n");
        unlink(temporary_path("fused.csv", 3));
        check_refused(FUSE(text), "/a.csv:26:8: class 25: \"b\" is no segment; write ID:START");
    }
}
END_TEST

START_TEST(segments_of_unknown_videos_and_behind_their_end_are_refused)
{
    static const double one[] = { 1 };
    static const uint32_t frames[] = { 120 };
    KnownVideos known = { .frames = frames };
    RankFusion fusion = fusion_of(one, 1);
    const char *path = temporary_path("a.csv", 0);
    fusion.known = &known;
    ck_assert(text_table_open(&known.ids, 1, &arena, &failure));
    text_table_enter(&known.ids, "abcd", 4);
    ck_assert(file_write(path, HEAD "3,abcd:119\n", strlen(HEAD "3,abcd:119\n"), &failure));
    ck_assert_str_eq(fuse(fusion, &path), HEAD "3,abcd:119\n");
    unlink(temporary_path("fused.csv", 3));
    ck_assert(file_write(path, HEAD "3,abcd:120\n", strlen(HEAD "3,abcd:120\n"), &failure));
    check_refused(fuse(fusion, &path),
                  "/a.csv:2:3: class 3: \"abcd:120\" begins behind its video's end; predict the "
                  "contest's segments");
    failure = (Failure){ 0 };
    ck_assert(file_write(path, HEAD "3,wxyz:5\n", strlen(HEAD "3,wxyz:5\n"), &failure));
    check_refused(fuse(fusion, &path),
                  "/a.csv:2:3: class 3: \"wxyz:5\" is of a video that the index doesn't have; "
                  "predict the contest's segments");
}
END_TEST

START_TEST(points_are_what_rint_rounds)
{
    static const PlacePoints points[] = { { 0x1p61, 1 },       { 0x1.fffffffffffffp61, 1 },
                                          { 1e18 / 3, 6.058 }, { 12345.678, 1 },
                                          { 0.75, 1e-6 },      { 0, 1 } };
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        for (uint32_t place = 0; place < 100000; place++) {
            double value = rint(points[i].scale / (points[i].w0 + place));
            ck_assert_uint_eq(place_points(points[i], place), (uint64_t)value);
        }
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("rank_fusion");
    setenv("QUIET", "1", 1);
    temporary_begin();
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, golden_files_fuse_as_exact_fractions_say, 0, 3);
    tcase_add_test(cases, a_segment_at_places_1_and_3_of_two_lists_has_one_and_a_third);
    tcase_add_test(cases, w0_halves_a_term_at_the_place_that_is_w0_behind_the_first);
    tcase_add_test(cases, points_are_what_rint_rounds);
    tcase_add_test(cases, one_submission_is_itself_with_its_classes_ascending);
    tcase_add_test(cases, equal_scores_stand_by_id_and_then_by_start);
    tcase_add_test(cases, the_same_places_in_other_files_are_equal);
    tcase_add_test(cases, a_list_may_be_empty_and_so_may_the_fused_one);
    tcase_add_test(cases, names_that_are_longer_than_a_word_are_told_apart_to_the_last_byte);
    tcase_add_loop_test(cases, a_small_table_gives_the_ranking_that_a_large_one_gives, 0, 2);
    tcase_add_test(cases, other_classes_are_refused_with_the_first_difference);
    tcase_add_test(cases, a_class_that_only_the_later_file_has_is_refused);
    tcase_add_test(cases, a_segment_that_is_twice_in_a_list_is_refused_by_line_and_column);
    tcase_add_test(cases, a_class_that_is_twice_in_a_file_is_refused_with_both_lines);
    tcase_add_test(cases, a_file_that_is_cut_off_in_a_row_is_refused);
    tcase_add_test(cases, another_header_is_refused);
    tcase_add_test(cases, an_empty_file_is_refused);
    tcase_add_test(cases, a_file_without_a_class_is_refused);
    tcase_add_loop_test(cases, what_is_no_segment_is_refused_by_line_and_column, 0, 9);
    tcase_add_test(cases, a_list_of_more_than_100000_segments_is_refused_and_one_of_100000_is_not);
    tcase_add_test(cases, of_two_faulty_classes_the_first_is_said_for_any_number_of_threads);
    tcase_add_test(cases,
                   long_lists_among_short_ones_stand_in_their_order_for_any_number_of_threads);
    tcase_add_test(cases, segments_of_unknown_videos_and_behind_their_end_are_refused);
    int status = run_case("rank_fusion", cases);
    temporary_end();
    return status;
}
