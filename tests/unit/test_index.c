/* Index: what it says of shards whose content is known, and what it refuses. */
#include "shards.h"
#include "suite.h"
#include "temporary.h"
#include "common/data/shard_fingerprint.h"

static Arena arena;
static Failure failure;
static const char *const names[] = { "validate00.tfrecord", "validate01.tfrecord" };
static const int64_t labels[] = { 5, 2, 7 };
/* Not in order of time; the last rating of (20, 9) counts. */
static const Rating ratings[] = {
    { 40, 45, 9, 1 }, { 20, 25, 9, 0 }, { 20, 25, 8, 1 }, { 20, 25, 9, 0.5f }
};

static TfrecordWriter *create(const char *name)
{
    TfrecordWriter *writer;
    ck_assert(tfrecord_create(&writer, temporary_path(name, 1), TFRECORD_PLAIN, &arena, &failure));
    return writer;
}

static void commit(TfrecordWriter *writer)
{
    ck_assert(tfrecord_commit(writer, NULL, &failure));
}

/* Two shards: aa (50 frames, 3 labels, 4 ratings) and b (1 frame, no labels); cc (60, 1 label). */
static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
    TfrecordWriter *writer = create(names[0]);
    test_write_frames(writer, "aa", 50, labels, 3, ratings, 4, arena);
    test_write_frames(writer, "b", 1, NULL, 0, NULL, 0, arena);
    commit(writer);
    writer = create(names[1]);
    test_write_frames(writer, "cc", 60, labels, 1, ratings, 1, arena);
    commit(writer);
}

static void teardown(void)
{
    arena_close(&arena);
}

static bool make(const char *features)
{
    return test_index(temporary_path("x.index", 0), temporary_folder, names, 2, features, &arena,
                      &failure);
}

START_TEST(an_index_says_where_each_record_is_and_what_it_has)
{
    ShardIndex index;
    ck_assert_msg(make("rgb:4,audio:2"), "%s", failure.message);
    ck_assert_msg(shard_index_open(&index, temporary_path("x.index", 0), &arena, &failure), "%s",
                  failure.message);
    ck_assert_uint_eq(index.shards, 2);
    ck_assert_str_eq(index.shard_name[1], names[1]);
    ck_assert_uint_eq(index.records, 3);
    ck_assert_uint_eq(index.record_frames[0], 50);
    ck_assert_uint_eq(index.record_frames[1], 1);
    ck_assert_uint_eq(index.record_offset[0], 0);
    ck_assert_uint_eq(index.record_offset[2], 0);
    ck_assert_uint_eq(record_id_length(&index, 1), 1);
    ck_assert_mem_eq(record_id(&index, 2), "cc", 2);
    ck_assert_uint_eq(shard_of_record(&index, 1), 0);
    ck_assert_uint_eq(shard_of_record(&index, 2), 1);
    ck_assert_uint_eq(index.label_first[1], 3);
    ck_assert_uint_eq(index.label_first[2], 3);
    ck_assert_uint_eq(index.label_first[3], 4);
    ck_assert_uint_eq(index.label_class[1], 2);
    shard_index_close(&index);
}
END_TEST

START_TEST(ratings_are_sorted_by_start_and_class_and_the_last_of_repeated_ones_counts)
{
    ShardIndex index;
    ck_assert(make(""));
    ck_assert(shard_index_open(&index, temporary_path("x.index", 0), &arena, &failure));
    ck_assert_uint_eq(index.ratings, 4);
    ck_assert_uint_eq(index.segments, 3);
    static const uint32_t starts[] = { 20, 20, 40, 40 }, classes[] = { 8, 9, 9, 9 };
    static const uint32_t segments[] = { 0, 2, 3, 4 };
    static const float scores[] = { 1, 0.5f, 1, 1 };
    ck_assert_mem_eq(index.rating_start, starts, sizeof starts);
    ck_assert_mem_eq(index.rating_class, classes, sizeof classes);
    ck_assert_mem_eq(index.rating_score, scores, sizeof scores);
    ck_assert_mem_eq(index.segment_first, segments, sizeof segments);
    ck_assert_uint_eq(record_of_segment(&index, 1), 0);
    ck_assert_uint_eq(record_of_segment(&index, 2), 2);
    shard_index_close(&index);
}
END_TEST

START_TEST(a_fingerprint_is_the_hash_of_lengths_and_stored_checksums)
{
    ShardIndex index;
    MappedFile shard;
    Sha256 hash;
    char hex[SHA256_HEX_BYTES];
    ck_assert(make(""));
    ck_assert(shard_index_open(&index, temporary_path("x.index", 0), &arena, &failure));
    ck_assert(mapped_file_open(&shard, temporary_path(names[0], 1), &failure));
    sha256_begin(&hash);
    for (size_t at = 0; at < shard.size;) {
        uint64_t length;
        memcpy(&length, shard.bytes + at, 8);
        sha256_add(&hash, shard.bytes + at, 8);
        sha256_add(&hash, shard.bytes + at + 12 + length, 4);
        at += 16 + length;
    }
    sha256_end(&hash, hex);
    ck_assert_mem_eq(index.shard_fingerprint, hex, INDEX_FINGERPRINT_BYTES);
    mapped_file_close(&shard);
    shard_index_close(&index);
}
END_TEST

START_TEST(an_id_that_occurs_twice_is_refused_with_both_places)
{
    TfrecordWriter *writer = create(names[1]);
    test_write_frames(writer, "cc", 2, NULL, 0, NULL, 0, arena);
    test_write_frames(writer, "aa", 2, NULL, 0, NULL, 0, arena);
    commit(writer);
    ck_assert(!make(""));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "validate01.tfrecord:"));
    ck_assert_ptr_nonnull(strstr(
        failure.message, "id aa is also that of the record at byte 0 of validate00.tfrecord"));
}
END_TEST

START_TEST(a_feature_that_is_missing_or_of_another_width_is_refused_by_file_and_byte)
{
    ck_assert(!make("rgb:4,depth:2"));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(
        strstr(failure.message, "validate00.tfrecord:0: the record has no feature depth"));
    failure = (Failure){ 0 };
    ck_assert(!make("rgb:5"));
    ck_assert_ptr_nonnull(
        strstr(failure.message, "validate00.tfrecord:0: feature rgb has 4 values, not 5"));
}
END_TEST

/* Change one byte of a file in place. */
static void flip(const char *name, long offset)
{
    FILE *file = fopen(temporary_path(name, 1), "r+b");
    ck_assert_ptr_nonnull(file);
    fseek(file, offset, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, offset, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
}

static bool scan(const char *name, bool skip, ShardEntries *entries, Arena *to)
{
    FeatureSpecs none = { 0 };
    failure = (Failure){ 0 };
    return shard_scan(entries, temporary_path(name, 1), &(ScanSettings){ &none, skip }, to,
                      &failure);
}

START_TEST(a_fingerprint_by_framing_is_the_scan_s_and_needs_no_payload)
{
    ShardEntries entries;
    Arena to = { 0 };
    char framing[SHA256_HEX_BYTES];
    ck_assert(scan(names[0], false, &entries, &to));
    ck_assert(shard_fingerprint(framing, temporary_path(names[0], 1), &failure));
    ck_assert_str_eq(framing, entries.fingerprint);
    flip(names[0], 40); // inside the first payload
    ck_assert(shard_fingerprint(framing, temporary_path(names[0], 1), &failure));
    ck_assert_str_eq(framing, entries.fingerprint);
    flip(names[0], 0); // the first length
    ck_assert(!shard_fingerprint(framing, temporary_path(names[0], 1), &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "validate00.tfrecord:0: record 0"));
    arena_close(&to);
}
END_TEST

START_TEST(a_damaged_record_is_refused_or_skipped_and_counted)
{
    ShardEntries good, damaged;
    Arena of_good = { 0 }, of_damaged = { 0 };
    ck_assert(scan(names[0], false, &good, &of_good));
    flip(names[0], 40); // inside the first payload
    ck_assert(!scan(names[0], false, &damaged, &of_damaged));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "validate00.tfrecord:0: record 0"));
    ck_assert(scan(names[0], true, &damaged, &of_damaged));
    ck_assert_uint_eq(damaged.records, 1);
    ck_assert_uint_eq(damaged.skipped, 1);
    ck_assert_mem_eq(damaged.id, "b", 1);
    ck_assert_str_ne(damaged.fingerprint, good.fingerprint); // its framing is the same
    arena_close(&of_good);
    arena_close(&of_damaged);
}
END_TEST

START_TEST(a_shard_that_is_cut_off_is_refused_or_ends_there)
{
    ShardEntries entries;
    Arena to = { 0 };
    MappedFile file;
    ck_assert(mapped_file_open(&file, temporary_path(names[0], 1), &failure));
    ck_assert_int_eq(truncate(temporary_path(names[0], 1), (long)file.size - 1), 0);
    mapped_file_close(&file);
    ck_assert(!scan(names[0], false, &entries, &to));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(scan(names[0], true, &entries, &to));
    ck_assert_uint_eq(entries.records, 1);
    ck_assert_uint_eq(entries.skipped, 1);
    arena_close(&to);
}
END_TEST

START_TEST(every_cut_and_flip_of_an_index_is_refused_or_harmless)
{
    char *bytes;
    size_t size;
    ck_assert(make(""));
    ck_assert(file_read(temporary_path("x.index", 0), &arena, &bytes, &size, &failure));
    for (size_t i = 0; i < size; i++) {
        ShardIndex index;
        Arena scratch = arena;
        bytes[i] ^= 0x41;
        failure = (Failure){ 0 };
        ck_assert(file_write(temporary_path("y.index", 1), bytes, i % 7 ? size : i, &failure));
        if (shard_index_open(&index, temporary_path("y.index", 1), &scratch, &failure)) {
            for (uint64_t j = 0; j < index.segments; j++)
                ck_assert_uint_lt(record_of_segment(&index, j), index.records);
            for (uint64_t j = 0; j < index.records; j++)
                ck_assert_uint_lt(shard_of_record(&index, j), index.shards);
            shard_index_close(&index);
        }
        bytes[i] ^= 0x41;
    }
}
END_TEST

/* Put other bytes into a tensor of the index, and open it. */
static bool open_patched(const char *tensor, size_t offset, const void *bytes, size_t size)
{
    SafetensorsReader reader;
    ShardIndex index;
    const char *path = temporary_path("x.index", 0);
    ck_assert_msg(make("rgb:4,audio:2"), "%s", failure.message);
    ck_assert(safetensors_open(&reader, path, &arena, &failure));
    const uint8_t *at = safetensors_find(&reader, tensor)->bytes;
    offset += (size_t)(at - reader.file.bytes);
    safetensors_close(&reader);
    FILE *file = fopen(path, "r+b");
    ck_assert(file && fseek(file, (long)offset, SEEK_SET) == 0);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
    bool ok = shard_index_open(&index, path, &arena, &failure);
    if (ok)
        shard_index_close(&index);
    return ok;
}

START_TEST(a_shard_name_that_leads_out_of_its_folder_is_refused)
{
    static const char *const bad[] = {
        "../idate00.tfrecord", "/alidate00.tfrecord", "validate00/tfrecord", "..\n", ".\n", "\n"
    };
    ck_assert(open_patched("shard/name", 0, "v", 1)); // nothing changed
    ck_assert(!open_patched("shard/name", 0, bad[_i], strlen(bad[_i])));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_msg(strstr(failure.message, "shard 0 has a name that is no file's in a folder"), "%s",
                  failure.message);
}
END_TEST

/* The ratings of aa: class 8 and 9 at 20, 9 at 40; of cc: 9 at 40. So segments begin at 0, 2, 3. */
START_TEST(a_segment_is_ratings_of_one_record_and_one_start_or_the_index_is_refused)
{
    static const uint32_t first[][4] = {
        { 0, 2, 3, 4 }, // as it is
        { 0, 0, 3, 4 }, // one without a rating
        { 0, 2, 4, 4 }, // the last one without: its start would be read behind the table
        { 0, 1, 3, 4 }, // one of two starts
        { 1, 2, 3, 4 }, { 0, 2, 3, 3 }, { 0, 2, 2, 4 }, { 0, 2, UINT32_MAX, 4 },
    };
    bool ok = open_patched("segment/first", 0, first[_i], sizeof first[_i]);
    ck_assert(ok == (_i == 0));
    ck_assert(ok || strstr(failure.message, "its tables don't fit each other"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("index");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, an_index_says_where_each_record_is_and_what_it_has);
    tcase_add_test(tests,
                   ratings_are_sorted_by_start_and_class_and_the_last_of_repeated_ones_counts);
    tcase_add_test(tests, a_fingerprint_is_the_hash_of_lengths_and_stored_checksums);
    tcase_add_test(tests, a_fingerprint_by_framing_is_the_scan_s_and_needs_no_payload);
    tcase_add_test(tests, an_id_that_occurs_twice_is_refused_with_both_places);
    tcase_add_test(tests,
                   a_feature_that_is_missing_or_of_another_width_is_refused_by_file_and_byte);
    tcase_add_test(tests, a_damaged_record_is_refused_or_skipped_and_counted);
    tcase_add_test(tests, a_shard_that_is_cut_off_is_refused_or_ends_there);
    tcase_add_test(tests, every_cut_and_flip_of_an_index_is_refused_or_harmless);
    tcase_add_loop_test(tests, a_shard_name_that_leads_out_of_its_folder_is_refused, 0, 6);
    tcase_add_loop_test(
        tests, a_segment_is_ratings_of_one_record_and_one_start_or_the_index_is_refused, 0, 8);
    temporary_begin();
    int failed = run_case("index", tests);
    temporary_end();
    return failed;
}
