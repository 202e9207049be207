/* Video: golden records against what Google's protobuf runtime reads in them
 * (tests/golden/videos.py), and refusals worked by hand. */
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include <check.h>
#include <jansson.h>
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

static void add(void *hash, const void *bytes, size_t size)
{
    sha256_add(hash, bytes, size);
}

/* The digest of a feature, copied out as a model's input would be where that is possible. */
static void digest(const VideoFeature *feature, char hex[SHA256_HEX_BYTES])
{
    Sha256 hash;
    uint8_t *rows;
    float *floats;
    sha256_begin(&hash);
    if (feature->is_frames) {
        ck_assert(arena_array(&arena, rows, feature->frames * feature->width, &failure));
        video_copy_frames(feature, 0, feature->frames, rows, feature->width);
        sha256_add(&hash, rows, feature->frames * feature->width);
    } else if (feature->is_floats) {
        ck_assert(arena_array(&arena, floats, feature->width, &failure));
        video_copy_floats(feature, floats);
        sha256_add(&hash, floats, feature->width * sizeof(float));
    } else
        video_each(feature, add, &hash);
    sha256_end(&hash, hex);
}

static void compare_feature(const VideoFeature *feature, const json_t *expected)
{
    char hex[SHA256_HEX_BYTES];
    json_int_t frames = json_integer_value(json_object_get(expected, "frames"));
    json_int_t bytes = json_integer_value(json_object_get(expected, "bytes"));
    ck_assert_ptr_nonnull(feature);
    ck_assert_int_eq(feature->frames, frames);
    if (feature->is_frames)
        ck_assert_int_eq(feature->width, bytes);
    else
        ck_assert_int_eq(feature->width, feature->is_floats ? bytes / 4 : 0);
    digest(feature, hex);
    ck_assert_str_eq(hex, json_string_value(json_object_get(expected, "sha256")));
}

static void compare_ratings(const Video *video, const json_t *expected)
{
    ck_assert_uint_eq(video->rating_count, json_array_size(expected));
    for (size_t i = 0; i < video->rating_count; i++) {
        const json_t *rating = json_array_get(expected, i);
        const Rating *ours = &video->ratings[i];
        ck_assert_int_eq(ours->start, json_integer_value(json_object_get(rating, "start")));
        ck_assert_int_eq(ours->end, json_integer_value(json_object_get(rating, "end")));
        ck_assert_int_eq(ours->label, json_integer_value(json_object_get(rating, "label")));
        ck_assert_float_eq(ours->score, (float)json_number_value(json_object_get(rating, "score")));
    }
}

static void compare(const Video *video, json_t *expected)
{
    const char *name, *id = json_string_value(json_object_get(expected, "id"));
    json_t *value, *labels = json_object_get(expected, "labels");
    ck_assert_int_eq(video->id != NULL, id != NULL);
    if (id) {
        ck_assert_uint_eq(video->id_length, strlen(id));
        ck_assert_mem_eq(video->id, id, strlen(id));
    }
    ck_assert_uint_eq(video->label_count, json_array_size(labels));
    for (size_t i = 0; i < video->label_count; i++)
        ck_assert_int_eq(video->labels[i], json_integer_value(json_array_get(labels, i)));
    ck_assert_uint_eq(video->feature_count,
                      json_object_size(json_object_get(expected, "features")));
    json_object_foreach(json_object_get(expected, "features"), name, value)
        compare_feature(video_feature(video, name), value);
    compare_ratings(video, json_object_get(expected, "segments"));
}

static const char *const goldens[] = { "yt8m-video", "audioset", "frames", "oddities" };

START_TEST(records_are_read_as_googles_protobuf_runtime_reads_them)
{
    Video video;
    Record record;
    TfrecordReader reader;
    char path[64], line[4096];
    snprintf(path, sizeof path, "tests/golden/%s.tfrecord", goldens[_i]);
    ck_assert_msg(tfrecord_open(&reader, path, &failure), "%s", failure.message);
    snprintf(path, sizeof path, "tests/golden/%s.jsonl", goldens[_i]);
    FILE *lines = fopen(path, "r");
    ck_assert_ptr_nonnull(lines);
    while (tfrecord_next(&reader, &record, &failure)) {
        ck_assert_ptr_nonnull(fgets(line, sizeof line, lines));
        json_t *expected = json_loads(line, 0, NULL);
        bool ok = video_parse(&video, record.bytes, record.size, path, &arena, &failure);
        ck_assert_msg(ok, "%s: %s", failure.message, line);
        compare(&video, expected);
        json_decref(expected);
    }
    ck_assert_int_eq(failure.code, EX_OK);
    ck_assert_ptr_null(fgets(line, sizeof line, lines));
    fclose(lines);
    tfrecord_close(&reader);
}
END_TEST

/* No cut and no flipped bit may crash, hang, or read outside (run this with a sanitizer). */
START_TEST(any_cut_or_flipped_bit_is_read_or_refused_but_never_followed_outside)
{
    Record record;
    TfrecordReader reader;
    ck_assert(tfrecord_open(&reader, "tests/golden/oddities.tfrecord", &failure));
    while (tfrecord_next(&reader, &record, &failure))
        for (size_t bit = 0; bit < 8 * record.size; bit++) {
            Video video;
            Failure local = { 0 };
            Arena scratch = arena;
            char hex[SHA256_HEX_BYTES];
            uint8_t *copy =
                malloc(record.size); // of its own size, so that a sanitizer sees its end
            memcpy(copy, record.bytes, record.size);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            size_t size = bit % 3 ? record.size : bit / 8;
            if (video_parse(&video, copy, size, "x:0", &arena, &local))
                for (size_t i = 0; i < video.feature_count; i++)
                    digest(&video.features[i], hex);
            else
                ck_assert_int_eq(local.code, EX_DATAERR);
            free(copy);
            arena = scratch;
        }
    tfrecord_close(&reader);
}
END_TEST

START_TEST(frames_are_copied_from_the_middle_to_rows_further_apart)
{
    Video video;
    Record record;
    TfrecordReader reader;
    uint8_t all[12 * 128], rows[3 * 200];
    ck_assert(tfrecord_open(&reader, "tests/golden/frames.tfrecord", &failure));
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert(video_parse(&video, record.bytes, record.size, "frames:0", &arena, &failure));
    const VideoFeature *audio = video_feature(&video, "audio");
    VideoFeature walked = *audio;
    walked.distance = 0; // as if the frames were not equally far apart
    video_copy_frames(audio, 0, 12, all, 128);
    for (int i = 0; i < 2; i++) {
        memset(rows, 77, sizeof rows);
        video_copy_frames(i ? &walked : audio, 9, 3, rows, 200);
        for (size_t row = 0; row < 3; row++)
            ck_assert_mem_eq(rows + row * 200, all + (9 + row) * 128, 128);
        ck_assert_uint_eq(rows[128], 77);
    }
    ck_assert_uint_ne(audio->distance, 0);
    tfrecord_close(&reader);
}
END_TEST

typedef struct Refusal {
    const char *bytes;
    size_t size;
    const char *message;
} Refusal;

#define BYTES(text) text, sizeof(text) - 1
#define NOT_AN_EXAMPLE "not a tf.Example or tf.SequenceExample"

static const Refusal refusals[] = {
    { BYTES("\x0a\x05\x0a"),
      "f:9: byte 2 of the record: a field is longer than the message that holds "
      "it; " NOT_AN_EXAMPLE },
    { BYTES("\x0a\x03\x0a\x02\x0a"),
      "f:9: byte 4 of the record: a field is longer than the message that holds "
      "it; " NOT_AN_EXAMPLE },
    { BYTES("\x0b\x01"),
      "f:9: byte 1 of the record: a field has a wire type other than 0, 1, 2 and "
      "5; " NOT_AN_EXAMPLE },
    // labels: packed integers that end inside one
    { BYTES("\x0a\x12\x0a\x10\x0a\x06labels\x12\x06\x1a\x04\x0a\x02\x05\x85"),
      "f:9: byte 19 of the record: a number is cut off; " NOT_AN_EXAMPLE },
    // f: packed floats of 3 bytes
    { BYTES("\x0a\x0e\x0a\x0c\x0a\x01"
            "f\x12\x07\x12\x05\x0a\x03"
            "abc"),
      "f:9: byte 16 of the record: packed floats end inside a float; " NOT_AN_EXAMPLE },
    // labels that are bytes; an id of two values
    { BYTES("\x0a\x11\x0a\x0f\x0a\x06labels\x12\x05\x0a\x03\x0a\x01x"),
      "f:9: feature labels holds byte strings, not integers; make the shard again" },
    { BYTES("\x0a\x10\x0a\x0e\x0a\x02id\x12\x08\x0a\x06\x0a\x01x\x0a\x01y"),
      "f:9: feature id has several values; an id is one" },
    // rgb: frames of 1 and 2 bytes; a frame of two byte strings; an empty frame
    { BYTES("\x12\x1c\x0a\x1a\x0a\x03rgb\x12\x13\x0a\x07\x0a\x05\x0a\x03"
            "abc\x0a\x08\x0a\x06\x0a\x04"
            "abcd"),
      "f:9: feature rgb has frames of different widths; make the shard again" },
    { BYTES("\x12\x13\x0a\x11\x0a\x03rgb\x12\x0a\x0a\x08\x0a\x06\x0a\x01x\x0a\x01y"),
      "f:9: feature rgb has a frame that is not one byte string; make the shard again" },
    { BYTES("\x12\x14\x0a\x12\x0a\x03rgb\x12\x0b\x0a\x05\x0a\x03\x0a\x01x\x0a\x02\x0a\x00"),
      "f:9: feature rgb has a frame that is not one byte string; make the shard again" },
    { BYTES("\x12\x0b\x0a\x09\x0a\x03rgb\x12\x02\x0a\x00"),
      "f:9: feature rgb has a frame without a value of its kind; make the shard again" },
    // one start time, no end time
    { BYTES("\x0a\x1e\x0a\x1c\x0a\x13segment_start_times\x12\x05\x1a\x03\x0a\x01\x05"),
      "f:9: 1 segment_start_times but 0 segment_end_times; make the shard again" },
};

START_TEST(what_is_wrong_with_a_record_is_said_with_its_byte_or_its_feature)
{
    Video video;
    const Refusal *refusal = &refusals[_i];
    ck_assert(!video_parse(&video, (const uint8_t *)refusal->bytes, refusal->size, "f:9", &arena,
                           &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_str_eq(failure.message, refusal->message);
}
END_TEST

START_TEST(a_record_of_too_many_features_is_refused)
{
    Video video;
    uint8_t payload[17 * 11];
    for (unsigned i = 0; i < 17; i++) {
        const uint8_t entry[] = { 0x0a, 9, 0x0a, 7, 0x0a, 1, (uint8_t)('a' + i), 0x12, 2, 0x12, 0 };
        memcpy(payload + sizeof entry * i, entry, sizeof entry);
    }
    ck_assert(video_parse(&video, payload, 16 * 11, "f:0", &arena, &failure));
    ck_assert_uint_eq(video.feature_count, 16);
    ck_assert(!video_parse(&video, payload, 17 * 11, "f:0", &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
}
END_TEST

/* Field 12 in a BytesList is one that nobody knows; protobuf's readers pass over it. */
START_TEST(an_unknown_field_behind_a_frames_bytes_is_not_taken_for_the_frame)
{
    static const uint8_t payload[] = "\x12\x21\x0a\x1f\x0a\x03rgb\x12\x18"
                                     "\x0a\x0a\x0a\x08\x0a\x04\x61\x62\x63\x64\x60\x01"
                                     "\x0a\x0a\x0a\x08\x0a\x04\x65\x66\x67\x68\x60\x02";
    Video video;
    uint8_t rows[8];
    ck_assert_msg(video_parse(&video, payload, sizeof payload - 1, "f:0", &arena, &failure), "%s",
                  failure.message);
    const VideoFeature *rgb = video_feature(&video, "rgb");
    ck_assert(rgb && rgb->is_frames);
    ck_assert_uint_eq(rgb->frames, 2);
    ck_assert_uint_eq(rgb->width, 4);
    video_copy_frames(rgb, 0, 2, rows, 4);
    ck_assert_mem_eq(rows, "abcdefgh", 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("video");
    TCase *tests = tcase_create("video");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, records_are_read_as_googles_protobuf_runtime_reads_them, 0, 4);
    tcase_add_test(tests, any_cut_or_flipped_bit_is_read_or_refused_but_never_followed_outside);
    tcase_add_test(tests, frames_are_copied_from_the_middle_to_rows_further_apart);
    tcase_add_loop_test(tests, what_is_wrong_with_a_record_is_said_with_its_byte_or_its_feature, 0,
                        (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(tests, a_record_of_too_many_features_is_refused);
    tcase_add_test(tests, an_unknown_field_behind_a_frames_bytes_is_not_taken_for_the_frame);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
