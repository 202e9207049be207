/* SegmentDraw: how many segments, which, and that nothing but ids and classes decides. */
#include "common/learn/segment_draw.h"
#include "shards.h"
#include "suite.h"
#include "temporary.h"

#define VIDEOS 40

static Arena arena;
static Failure failure;
static ShardIndex index_;
static const char *const names[] = { "train00.tfrecord", "train01.tfrecord" };

/*
 * Video v has 12 + v frames and the labels v mod 4 and 10; video 39 has 10 alone, video 0 four frames.
 * Shards: the first half and the second, or odd and even ones.
 */
static void write_videos(bool by_halves)
{
    for (size_t s = 0; s < 2; s++) {
        TfrecordWriter *writer;
        ck_assert(tfrecord_create(&writer, temporary_path(names[s], 1), TFRECORD_PLAIN, &arena,
                                  &failure));
        for (size_t v = 0; v < VIDEOS; v++) {
            char id[3] = { (char)('a' + v / 20), (char)('a' + v % 20), 0 };
            int64_t labels[] = { 10, (int64_t)(v % 4) };
            if ((by_halves ? v / (VIDEOS / 2) : v % 2) == s)
                test_write_frames(writer, id, v ? 12 + v : 4, labels, v == 39 ? 1 : 2, NULL, 0,
                                  arena);
        }
        ck_assert(tfrecord_commit(writer, NULL, &failure));
    }
    ck_assert_msg(test_index(temporary_path("x.index", 0), temporary_folder, names, 2,
                             "rgb:4,audio:2", &arena, &failure),
                  "%s", failure.message);
    ck_assert(shard_index_open(&index_, temporary_path("x.index", 0), &arena, &failure));
}

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 30, &failure));
}

static void teardown(void)
{
    shard_index_close(&index_);
    arena_close(&arena);
}

static SegmentDraw draw(size_t per_label, uint64_t seed)
{
    SegmentDraw drawn;
    LoaderSource source = { &index_, NULL, temporary_folder };
    ck_assert(segments_draw(&drawn, &source, per_label, seed, &arena, &failure));
    return drawn;
}

/* Segments of the set that carry a class, repeated ones as often as they are there. */
static size_t carrying(const SegmentDraw *drawn, uint32_t class)
{
    size_t count = 0;
    for (uint64_t i = 0; i < drawn->count; i++) {
        uint32_t record = drawn->segments[i].record;
        for (uint32_t j = index_.label_first[record]; j < index_.label_first[record + 1]; j++)
            count += index_.label_class[j] == class ? drawn->times[i] : 0;
    }
    return count;
}

START_TEST(each_label_gets_its_segments_whole_and_once)
{
    size_t count[VIDEOS] = { 0 };
    write_videos(true);
    SegmentDraw drawn = draw(2, 5);
    for (uint64_t i = 0; i < drawn.count; i++) {
        LoaderSegment segment = drawn.segments[i];
        ck_assert_uint_eq(segment.start % 5, 0);
        ck_assert_uint_le(segment.start + 5, index_.record_frames[segment.record]);
        ck_assert_uint_eq(drawn.times[i], 1);
        if (i && segment.record == drawn.segments[i - 1].record)
            ck_assert_uint_gt(segment.start, drawn.segments[i - 1].start);
        count[segment.record]++;
    }
    for (size_t v = 0; v < VIDEOS; v++) {
        size_t wanted = v == 39 ? 2 : 4, whole = v ? (12 + v) / 5 : 0;
        ck_assert_uint_eq(count[v], wanted < whole ? wanted : whole);
    }
    ck_assert_uint_eq(drawn.total, drawn.count);
}
END_TEST

/* The drawn segments as text, sorted: "ab:25 x3". */
static void describe(const SegmentDraw *drawn, char text[][24])
{
    for (uint64_t i = 0; i < drawn->count; i++)
        snprintf(text[i], sizeof text[i], "%.2s:%02u x%u",
                 record_id(&index_, drawn->segments[i].record), drawn->segments[i].start,
                 drawn->times[i]);
    qsort(text, drawn->count, sizeof *text, (int (*)(const void *, const void *))strcmp);
}

static SegmentDraw draw_equal(EqualSet set)
{
    static const uint32_t classes[] = { 0, 1, 2, 3, 10 };
    LoaderSource source = { &index_, NULL, temporary_folder };
    SegmentDraw drawn = draw(2, 5);
    set.classes = classes;
    set.class_count = 5;
    ck_assert(segments_equalise(&drawn, &source, &set, arena, &failure));
    return drawn;
}

START_TEST(the_order_of_shards_and_videos_does_not_enter)
{
    static char halves[400][24], parity[400][24];
    write_videos(true);
    SegmentDraw first = draw_equal((EqualSet){ .per_class = 9, .seed = 5 });
    describe(&first, halves);
    shard_index_close(&index_);
    write_videos(false);
    SegmentDraw second = draw_equal((EqualSet){ .per_class = 9, .seed = 5 });
    describe(&second, parity);
    ck_assert_uint_eq(first.count, second.count);
    for (uint64_t i = 0; i < first.count; i++)
        ck_assert_str_eq(halves[i], parity[i]);
}
END_TEST

START_TEST(another_seed_draws_others)
{
    write_videos(true);
    SegmentDraw one = draw(2, 5), other = draw(2, 6);
    size_t same = 0;
    ck_assert_uint_eq(one.count, other.count);
    for (uint64_t i = 0; i < one.count; i++)
        same += one.segments[i].start == other.segments[i].start;
    ck_assert_uint_lt(same, one.count * 9 / 10);
}
END_TEST

/* spec/models 19.1, 17: m for each class that has m candidates. */
START_TEST(an_equal_set_has_as_many_for_each_class)
{
    write_videos(true);
    SegmentDraw drawn = draw_equal((EqualSet){ .per_class = 9, .seed = 5 });
    ck_assert_uint_eq(drawn.total, 5 * 9);
    for (uint32_t class = 0; class < 4; class ++)
        ck_assert_uint_ge(carrying(&drawn, class), 9);
    for (uint64_t i = 0; i < drawn.count; i++)
        ck_assert_uint_ge(drawn.times[i], 1);
}
END_TEST

START_TEST(a_class_with_fewer_gives_all_or_begins_again)
{
    write_videos(true);
    SegmentDraw all = draw(2, 5);
    size_t own = carrying(&all, 3), most = carrying(&all, 10);
    ck_assert(own < 100 && most >= 100);
    SegmentDraw few = draw_equal((EqualSet){ .per_class = 100, .seed = 5 });
    size_t expected = 100; // of class 10
    for (uint32_t class = 0; class < 4; class ++)
        expected += carrying(&all, class);
    ck_assert_uint_eq(few.total, expected);
    SegmentDraw again = draw_equal((EqualSet){ .per_class = 100, .repeat = true, .seed = 5 });
    ck_assert_uint_eq(again.total, 5 * 100);
}
END_TEST

/* spec/league 6.3: a class with fewer is repeated in cyclic order. */
START_TEST(segments_that_come_again_come_in_turn)
{
    static const uint32_t class = 3;
    LoaderSource source = { &index_, NULL, temporary_folder };
    write_videos(true);
    SegmentDraw drawn = draw(2, 5);
    size_t own = carrying(&drawn, class), more = 0;
    EqualSet set = { &class, 1, 2 * own + 3, true, false, 5 };
    ck_assert(segments_equalise(&drawn, &source, &set, arena, &failure));
    ck_assert_uint_eq(drawn.count, own);
    for (uint64_t i = 0; i < drawn.count; i++) {
        ck_assert(drawn.times[i] == 2 || drawn.times[i] == 3);
        more += drawn.times[i] == 3;
    }
    ck_assert_uint_eq(more, 3);
}
END_TEST

START_TEST(classes_without_a_segment_are_named)
{
    static const uint32_t classes[] = { 1, 7, 9 };
    LoaderSource source = { &index_, NULL, temporary_folder };
    EqualSet set = { classes, 3, 4, false, false, 5, 0 };
    write_videos(true);
    SegmentDraw drawn = draw(2, 5);
    ck_assert(!segments_equalise(&drawn, &source, &set, arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message,
                                 "no segment to draw for 2 of 3 classes: 7 9; allow it with "
                                 "--allow-empty"));
    set.allow_empty = true;
    failure = (Failure){ 0 };
    ck_assert(segments_equalise(&drawn, &source, &set, arena, &failure));
    ck_assert_uint_eq(drawn.total, 4);
    ck_assert_uint_eq(set.empty, 2);
}
END_TEST

START_TEST(repetitions_beyond_what_a_record_holds_are_taken_from_the_most_repeated)
{
    LoaderSegment segments[] = { { 1, 0 }, { 1, 5 }, { 1, 20 }, { 4, 0 }, { 4, 10 } };
    uint32_t times[] = { 7, 1, 5, 2, 2 };
    SegmentDraw drawn = { segments, times, 5, 17 };
    ck_assert_uint_eq(segments_fit(&drawn, 8), 5);
    ck_assert_uint_eq(drawn.total, 12);
    ck_assert(times[0] == 3 && times[1] == 1 && times[2] == 4); // 7 5 > 6 5 > 5 5 > 4 5 > 4 4 > 3 4
    ck_assert(times[3] == 2 && times[4] == 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("segment_draw");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, each_label_gets_its_segments_whole_and_once);
    tcase_add_test(tests, the_order_of_shards_and_videos_does_not_enter);
    tcase_add_test(tests, another_seed_draws_others);
    tcase_add_test(tests, an_equal_set_has_as_many_for_each_class);
    tcase_add_test(tests, a_class_with_fewer_gives_all_or_begins_again);
    tcase_add_test(tests, segments_that_come_again_come_in_turn);
    tcase_add_test(tests, classes_without_a_segment_are_named);
    tcase_add_test(tests, repetitions_beyond_what_a_record_holds_are_taken_from_the_most_repeated);
    temporary_begin();
    int failed = run_case("segment_draw", tests);
    temporary_end();
    return failed;
}
