/* Subset: parts are disjoint, cover everything, keep videos together and don't depend on positions. */
#include "common/data/subset.h"
#include "shards.h"
#include "suite.h"
#include "temporary.h"

#define SHARDS 8
#define VIDEOS 40 // in each shard

static Arena arena;
static Failure failure;
static ShardIndex index_;
static const char *const names[SHARDS] = { "validate00.tfrecord", "validate01.tfrecord",
                                           "validate02.tfrecord", "validate03.tfrecord",
                                           "validate04.tfrecord", "validate05.tfrecord",
                                           "validate06.tfrecord", "validate07.tfrecord" };

/* The id of video v of all. */
static const char *id_of(size_t v)
{
    static char id[3];
    id[0] = (char)('a' + v / 26);
    id[1] = (char)('a' + v % 26);
    return id;
}

/* Videos first .. end - 1 in shards of `per_shard`; each has three rated segments. */
static void write_shards(size_t shards, size_t per_shard)
{
    static const Rating ratings[] = { { 5, 10, 1, 1 }, { 15, 20, 1, 0 }, { 30, 35, 2, 1 } };
    static const int64_t labels[] = { 1, 2 };
    for (size_t s = 0; s < shards; s++) {
        TfrecordWriter *writer;
        ck_assert(tfrecord_create(&writer, temporary_path(names[s], 1), TFRECORD_PLAIN, &arena,
                                  &failure));
        for (size_t v = s * per_shard; v < (s + 1) * per_shard; v++)
            test_write_frames(writer, id_of(v), 50, labels, 2, ratings, 3, arena);
        ck_assert(tfrecord_commit(writer, NULL, &failure));
    }
    ck_assert(test_index(temporary_path("x.index", 0), temporary_folder, names, shards, "", &arena,
                         &failure));
    ck_assert(shard_index_open(&index_, temporary_path("x.index", 0), &arena, &failure));
}

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
    write_shards(SHARDS, VIDEOS);
}

static void teardown(void)
{
    shard_index_close(&index_);
    arena_close(&arena);
}

static Subset draw(SubsetUnit by, const char *parts, size_t part, bool seeded, uint64_t seed)
{
    Subset subset;
    SubsetChoice choice = { .by = by, .part = part, .seeded = seeded, .seed = seed };
    ck_assert(subset_parts_parse(&choice, parts, &failure));
    ck_assert(subset_draw(&subset, &index_, &choice, &arena, &failure));
    return subset;
}

START_TEST(parts_are_disjoint_and_cover_everything)
{
    for (SubsetUnit by = SUBSET_SHARD; by <= SUBSET_SEGMENT; by++)
        for (uint64_t seed = 0; seed < 5; seed++) {
            Subset part[3];
            uint64_t records = 0, segments = 0;
            for (size_t i = 0; i < 3; i++) {
                part[i] = draw(by, "0.5,0.25,3", i, true, seed);
                records += part[i].record_count;
                segments += part[i].segment_count;
                for (size_t j = 0; j < i; j++)
                    ck_assert(subset_check_disjoint(&part[i], &part[j], &index_, &failure));
            }
            ck_assert_uint_eq(segments, index_.segments);
            if (by != SUBSET_SEGMENT)
                ck_assert_uint_eq(records, index_.records);
        }
}
END_TEST

START_TEST(by_shard_without_a_seed_is_in_the_order_of_names_and_exact)
{
    Subset first = draw(SUBSET_SHARD, "5,3", 0, false, 0);
    Subset last = draw(SUBSET_SHARD, "5,3", 1, false, 0);
    ck_assert_uint_eq(first.record_count, 5 * VIDEOS);
    ck_assert_uint_eq(first.records[0], 0);
    ck_assert_uint_eq(last.record_count, 3 * VIDEOS);
    ck_assert_uint_eq(last.records[0], 5 * VIDEOS);
    Subset seeded = draw(SUBSET_SHARD, "5,3", 1, true, 4);
    ck_assert_uint_eq(seeded.record_count, 3 * VIDEOS);
    ck_assert(memcmp(seeded.records, last.records, 3 * VIDEOS * sizeof *last.records) != 0);
}
END_TEST

START_TEST(by_video_all_segments_of_a_video_go_with_it)
{
    Subset subset = draw(SUBSET_VIDEO, "1,1", 0, true, 9);
    ck_assert_uint_gt(subset.record_count, 0);
    ck_assert_uint_eq(subset.segment_count, 3 * subset.record_count);
    for (uint64_t i = 0; i < subset.segment_count; i++)
        ck_assert_uint_eq(record_of_segment(&index_, subset.segments[i]), subset.records[i / 3]);
}
END_TEST

START_TEST(the_share_of_videos_is_that_asked_for)
{
    Subset subset = draw(SUBSET_VIDEO, "0.75,0.25", 0, true, 1);
    // 320 draws of 3/4: mean 240, deviation 7.7; five deviations
    ck_assert_uint_ge(subset.record_count, 240 - 39);
    ck_assert_uint_le(subset.record_count, 240 + 39);
}
END_TEST

START_TEST(a_video_stays_in_its_part_when_shards_are_merged)
{
    Subset before = draw(SUBSET_VIDEO, "1,1", 0, true, 9);
    shard_index_close(&index_);
    write_shards(1, SHARDS * VIDEOS); // the same videos in the same order, in one shard
    Subset after = draw(SUBSET_VIDEO, "1,1", 0, true, 9);
    ck_assert_uint_eq(after.record_count, before.record_count);
    ck_assert_mem_eq(after.records, before.records, before.record_count * sizeof *before.records);
}
END_TEST

/* Every third record. */
static bool is_third(const void *context, const ShardIndex *index, uint64_t record)
{
    (void)index;
    return record % *(const uint64_t *)context == 0;
}

START_TEST(records_that_do_not_stay_take_their_segments_with_them)
{
    uint64_t third = 3;
    for (SubsetUnit by = SUBSET_SHARD; by <= SUBSET_SEGMENT; by++) {
        Subset all = draw(by, "1,1", 0, true, 9), kept = all;
        uint64_t records = 0, segments = 0;
        ck_assert(subset_filter(&kept, &index_, is_third, &third, &arena, &failure));
        for (uint64_t i = 0; i < all.record_count; i++)
            if (all.records[i] % 3 == 0)
                ck_assert_uint_eq(kept.records[records++], all.records[i]);
        for (uint64_t i = 0; i < all.segment_count; i++)
            if (record_of_segment(&index_, all.segments[i]) % 3 == 0)
                ck_assert_uint_eq(kept.segments[segments++], all.segments[i]);
        ck_assert_uint_eq(kept.record_count, records);
        ck_assert_uint_eq(kept.segment_count, segments);
        ck_assert(records > 0 && segments > 0 && records < all.record_count);
    }
}
END_TEST

static bool write_and_open(Subset *subset, const Subset *from)
{
    AtomicFile file;
    const char *path = temporary_path("x.subset", 2);
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert(subset_write(from, &index_, &file, arena, &failure));
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    return subset_open(subset, path, &index_, &arena, &failure);
}

START_TEST(a_subset_that_is_written_is_read_the_same)
{
    Subset subset = draw(SUBSET_SEGMENT, "1,2", 0, true, 5), again;
    ck_assert_msg(write_and_open(&again, &subset), "%s", failure.message);
    ck_assert_int_eq(again.by, SUBSET_SEGMENT);
    ck_assert_uint_eq(again.segment_count, subset.segment_count);
    ck_assert_mem_eq(again.segments, subset.segments, 4 * subset.segment_count);
    ck_assert_mem_eq(again.records, subset.records, 4 * subset.record_count);
    subset_close(&again);
}
END_TEST

START_TEST(a_subset_of_another_index_is_refused)
{
    Subset subset = draw(SUBSET_VIDEO, "1,2", 0, true, 5), again;
    ck_assert(write_and_open(&again, &subset));
    subset_close(&again);
    shard_index_close(&index_);
    write_shards(1, 10);
    ck_assert(!subset_open(&again, temporary_path("x.subset", 2), &index_, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "a subset of another index"));
}
END_TEST

START_TEST(subsets_that_overlap_are_refused_by_id)
{
    Subset one = draw(SUBSET_SHARD, "1,7", 0, false, 0), all = draw(SUBSET_VIDEO, "1", 0, true, 0);
    ck_assert(!subset_check_disjoint(&all, &one, &index_, &failure));
    ck_assert_str_eq(failure.message, "the other subset: not disjoint: both have video aa");
    failure = (Failure){ 0 };
    Subset segments = draw(SUBSET_SEGMENT, "1", 0, true, 0);
    ck_assert(!subset_check_disjoint(&all, &segments, &index_, &failure));
    ck_assert_str_eq(failure.message, "the other subset: not disjoint: both have segment aa:5");
}
END_TEST

START_TEST(shares_that_are_no_numbers_above_0_are_refused)
{
    static const char *const bad[] = { "", "1,", "0,1", "-1", "x", "1;2", "nan", "inf", "1,,2" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        SubsetChoice choice;
        failure = (Failure){ 0 };
        ck_assert_msg(!subset_parts_parse(&choice, bad[i], &failure), "%s", bad[i]);
        ck_assert_int_eq(failure.code, EX_USAGE);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("subset");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, parts_are_disjoint_and_cover_everything);
    tcase_add_test(tests, by_shard_without_a_seed_is_in_the_order_of_names_and_exact);
    tcase_add_test(tests, by_video_all_segments_of_a_video_go_with_it);
    tcase_add_test(tests, the_share_of_videos_is_that_asked_for);
    tcase_add_test(tests, a_video_stays_in_its_part_when_shards_are_merged);
    tcase_add_test(tests, records_that_do_not_stay_take_their_segments_with_them);
    tcase_add_test(tests, a_subset_that_is_written_is_read_the_same);
    tcase_add_test(tests, a_subset_of_another_index_is_refused);
    tcase_add_test(tests, subsets_that_overlap_are_refused_by_id);
    tcase_add_test(tests, shares_that_are_no_numbers_above_0_are_refused);
    temporary_begin();
    int failed = run_case("subset", tests);
    temporary_end();
    return failed;
}
