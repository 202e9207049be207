/* Video, written: the bytes of genuine and of protobuf's own records, from what was read in them.
 */
#include "common/data/tfrecord.h"
#include "common/data/video_write.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 26, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

/* Read a record, and write what was read, features in the order that is asked for. */
static void rewrite(const Record *record, const char *const names[], size_t count,
                    const uint8_t **payload, size_t *size)
{
    Video video;
    VideoColumn columns[4] = { 0 };
    ck_assert(video_parse(&video, record->bytes, record->size, "x:0", &arena, &failure));
    for (size_t i = 0; i < count; i++) {
        const VideoFeature *feature = video_feature(&video, names[i]);
        ck_assert_ptr_nonnull(feature);
        columns[i] = (VideoColumn){ names[i], feature->frames, feature->width, NULL, NULL };
        uint8_t *rows = malloc(feature->frames * feature->width * sizeof(float));
        if (feature->is_frames) {
            video_copy_frames(feature, 0, feature->frames, rows, feature->width);
            columns[i].rows = rows;
        } else {
            video_copy_floats(feature, (float *)(void *)rows);
            columns[i].floats = (const float *)(const void *)rows;
        }
    }
    const VideoContent content = { video.id,      video.id_length,
                                   video.labels,  video.label_count,
                                   video.ratings, video.rating_count,
                                   columns,       count };
    ck_assert(video_write(&content, &arena, payload, size, &failure));
    for (size_t i = 0; i < count; i++)
        free((void *)(columns[i].rows ? columns[i].rows : (const uint8_t *)columns[i].floats));
}

/* Record `number` of a golden file. */
static Record golden(TfrecordReader *reader, const char *path, size_t number)
{
    Record record;
    ck_assert(tfrecord_open(reader, path, &failure));
    for (size_t i = 0; i <= number; i++)
        ck_assert(tfrecord_next(reader, &record, &failure));
    return record;
}

START_TEST(a_genuine_record_of_the_commonest_map_order_is_written_to_its_own_bytes)
{
    static const char *const names[] = { "mean_rgb", "mean_audio" };
    TfrecordReader reader;
    bool found = false;
    for (size_t number = 0; number < 3; number++) {
        const uint8_t *payload;
        size_t size;
        Record record = golden(&reader, "tests/golden/yt8m-video.tfrecord", number);
        rewrite(&record, names, 2, &payload, &size);
        ck_assert_uint_eq(size, record.size);
        ck_assert_mem_eq(payload + size - 2, "\x12\x00", 2);
        found |= memcmp(payload, record.bytes, size) == 0;
        tfrecord_close(&reader);
    }
    ck_assert(found);
}
END_TEST

START_TEST(frames_are_written_to_the_bytes_that_protobuf_writes)
{
    static const char *const names[] = { "audio", "rgb" }; // as its deterministic order sorts them
    TfrecordReader reader;
    for (size_t number = 0; number < 3; number++) {
        const uint8_t *payload;
        size_t size;
        Record record = golden(&reader, "tests/golden/frames.tfrecord", number);
        rewrite(&record, names, 2, &payload, &size);
        ck_assert_uint_eq(size, record.size);
        const uint8_t *lists = memmem(record.bytes, record.size,
                                      "\x05"
                                      "audio",
                                      6);
        size_t rest = (size_t)(record.bytes + record.size - lists);
        ck_assert_mem_eq(payload + size - rest, lists, rest);
        tfrecord_close(&reader);
    }
}
END_TEST

START_TEST(ratings_and_extreme_labels_are_read_back)
{
    const int64_t labels[] = { 3, 1036, -1, INT64_MIN, INT64_MAX };
    const Rating ratings[] = { { 145, 150, 1036, 0.3f }, { 110, 115, 3, 1 }, { 300, 305, 0, 0 } };
    const VideoContent content = { .id = "ab\0d",
                                   .id_length = 4,
                                   .labels = labels,
                                   .label_count = 5,
                                   .ratings = ratings,
                                   .rating_count = 3 };
    Video video;
    const uint8_t *payload;
    size_t size;
    ck_assert(video_write(&content, &arena, &payload, &size, &failure));
    ck_assert(video_parse(&video, payload, size, "x:0", &arena, &failure));
    ck_assert_uint_eq(video.id_length, 4);
    ck_assert_mem_eq(video.id, "ab\0d", 4);
    ck_assert_uint_eq(video.label_count, 5);
    ck_assert_mem_eq(video.labels, labels, sizeof labels);
    ck_assert_uint_eq(video.rating_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(video.ratings[i].start, ratings[i].start);
        ck_assert_int_eq(video.ratings[i].end, ratings[i].end);
        ck_assert_int_eq(video.ratings[i].label, ratings[i].label);
        ck_assert_float_eq(video.ratings[i].score, ratings[i].score);
    }
}
END_TEST

START_TEST(a_video_without_labels_has_no_labels_feature)
{
    const VideoContent content = { .id = "ab12", .id_length = 4 };
    const uint8_t *payload;
    size_t size;
    ck_assert(video_write(&content, &arena, &payload, &size, &failure));
    // by hand: context { entry { "id", Feature { BytesList { "ab12" } } } }, feature_lists {}
    const char expected[] = "\x0a\x10\x0a\x0e\x0a\x02id\x12\x08\x0a\x06\x0a\x04"
                            "ab12\x12\x00";
    ck_assert_uint_eq(size, sizeof expected - 1);
    ck_assert_mem_eq(payload, expected, size);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("video_write");
    TCase *tests = tcase_create("video_write");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_genuine_record_of_the_commonest_map_order_is_written_to_its_own_bytes);
    tcase_add_test(tests, frames_are_written_to_the_bytes_that_protobuf_writes);
    tcase_add_test(tests, ratings_and_extreme_labels_are_read_back);
    tcase_add_test(tests, a_video_without_labels_has_no_labels_feature);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
