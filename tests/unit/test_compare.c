/* Compare: the first difference of two artifacts in their own terms, and of two builds in the order of
 * their making. */
#include "common/artifact/provenance.h"
#include "common/audit/compare.h"
#include "common/data/safetensors.h"
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include "suite.h"
#include "tests/temporary.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VIDEOS "tests/golden/yt8m-video.tfrecord"
#define FRAMES "tests/golden/frames.tfrecord"

static Arena arena;
static Failure failure;
static Difference difference;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

static const char *in_folder(const char *name)
{
    const char *path = arena_format(&arena, &failure, "%s/%s", temporary_folder, name);
    ck_assert_ptr_nonnull(path);
    return path;
}

static const char *text_file(const char *name, const char *text)
{
    const char *path = in_folder(name);
    ck_assert(file_write(path, text, strlen(text), &failure));
    return path;
}

static void differs(const char *a, const char *b, const char *text)
{
    ck_assert_msg(compare_files(&difference, a, b, arena, &failure), "%s", failure.message);
    ck_assert(difference.found);
    ck_assert_str_eq(difference.text, text);
}

static void is_the_same(const char *a, const char *b)
{
    ck_assert_msg(compare_files(&difference, a, b, arena, &failure), "%s", failure.message);
    ck_assert_msg(!difference.found, "%s", difference.text);
}

/* A file of two tensors: weights [2, 3], of which two values are given, and counts [2]. */
static const char *tensors(const char *name, float third, float fifth, const char *epochs)
{
    const float weights[6] = { 0, 1, third, 3, fifth, 5 };
    const int64_t counts[2] = { 7, -1 };
    AtomicFile file;
    SafetensorsWriter writer = safetensors_writer(&arena);
    const char *path = in_folder(name);
    ck_assert(safetensors_declare(&writer, "weights", STORED_F32, 2, (uint64_t[]){ 2, 3 }, weights,
                                  &failure));
    ck_assert(safetensors_declare_vector(&writer, "counts", STORED_I64, 2, counts, &failure));
    ck_assert(safetensors_note(&writer, "epochs", epochs, &failure));
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert(safetensors_start(&writer, &file, &failure));
    ck_assert(safetensors_finish(&writer, &failure));
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    return path;
}

START_TEST(tensors_that_are_equal_are_the_same)
{
    is_the_same(tensors("a", 2, 4, "3"), tensors("b", 2, 4, "3"));
}
END_TEST

START_TEST(a_tensor_that_differs_is_named_with_its_first_value_and_its_largest_difference)
{
    differs(tensors("a", 2, 4, "3"), tensors("b", 2.25f, 3.5f, "3"),
            "tensor weights F32 [2, 3]: 2 of 6 values differ, the first at [0, 2]: 2 and 2.25; the "
            "largest difference is 0.5, at [1, 1]; 1 of 2 tensors differ");
}
END_TEST

START_TEST(a_zero_of_another_sign_differs)
{
    differs(tensors("a", 0, 4, "3"), tensors("b", -0.0f, 4, "3"),
            "tensor weights F32 [2, 3]: 1 of 6 values differ, the first at [0, 2]: 0 and -0; the "
            "largest difference is 0, at [0, 2]; 1 of 2 tensors differ");
}
END_TEST

START_TEST(metadata_that_differs_is_named)
{
    differs(tensors("a", 2, 4, "3"), tensors("b", 2, 4, "12"), "metadata epochs: 3 and 12");
}
END_TEST

START_TEST(a_tensor_that_only_one_file_has_is_named)
{
    const char *golden = "tests/golden/safetensors.safetensors";
    const char *ours = tensors("a", 2, 4, "3");
    ck_assert(compare_files(&difference, ours, golden, arena, &failure));
    ck_assert_ptr_nonnull(strstr(difference.text, "is only in"));
}
END_TEST

START_TEST(a_damaged_file_is_compared_by_bytes_and_its_damage_is_said)
{
    const char *ours = tensors("a", 2, 4, "3"), *cut = in_folder("cut");
    char *bytes;
    size_t size;
    ck_assert(file_read(ours, &arena, &bytes, &size, &failure));
    ck_assert(file_write(cut, bytes, size - 4, &failure));
    ck_assert(compare_files(&difference, ours, cut, arena, &failure));
    ck_assert_ptr_nonnull(strstr(difference.text, "cut ends at byte "));
    ck_assert_ptr_nonnull(strstr(difference.text, "; damaged: "));
    ck_assert_ptr_nonnull(strstr(difference.text, "tensor weights is cut off"));
}
END_TEST

/* A copy of a shard, one byte of the first feature of one record changed. */
static const char *changed_shard(const char *from, const char *name, uint64_t number,
                                 size_t byte_of_first_feature, size_t *records)
{
    TfrecordReader reader;
    Record record;
    AtomicFile file;
    Video video;
    const char *path = in_folder(name);
    *records = 0;
    ck_assert(tfrecord_open(&reader, from, &failure));
    ck_assert(atomic_file_open(&file, path, &failure));
    for (; tfrecord_next(&reader, &record, &failure); ++*records) {
        uint8_t *payload = (uint8_t *)arena_copy(&arena, record.bytes, record.size, &failure);
        ck_assert(video_parse(&video, payload, record.size, "", &arena, &failure));
        if (record.number == number)
            payload[video.features[0].first - payload + byte_of_first_feature]++;
        ck_assert(tfrecord_append(&file, payload, record.size, &failure));
    }
    tfrecord_close(&reader);
    ck_assert(atomic_file_commit(&file, NULL, &failure));
    return path;
}

START_TEST(a_record_that_differs_is_named_with_feature_frame_and_byte)
{
    TfrecordReader reader;
    Record record;
    Video video;
    size_t records;
    ck_assert(tfrecord_open(&reader, FRAMES, &failure));
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert(video_parse(&video, record.bytes, record.size, "", &arena, &failure));
    const VideoFeature *feature = &video.features[0];
    ck_assert_uint_gt(feature->frames, 2);
    unsigned value = feature->first[2 * feature->distance + 1];
    const char *path = changed_shard(FRAMES, "frames", 0, 2 * feature->distance + 1, &records);
    const char *text =
        arena_format(&arena, &failure,
                     "record 0 (%.*s), feature %.*s, frame 2, byte 1: %u and %u; 1 of %zu "
                     "records differ",
                     (int)video.id_length, video.id, (int)feature->name_length, feature->name,
                     value, (value + 1) & 255, records);
    differs(FRAMES, path, text);
    tfrecord_close(&reader);
}
END_TEST

START_TEST(records_that_one_shard_lacks_are_counted)
{
    char *bytes;
    size_t size;
    TfrecordReader reader;
    Record record;
    ck_assert(tfrecord_open(&reader, VIDEOS, &failure));
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert(file_read(VIDEOS, &arena, &bytes, &size, &failure));
    ck_assert(file_write(in_folder("shard"), bytes, record.offset, &failure));
    tfrecord_close(&reader);
    differs(VIDEOS, in_folder("shard"), "record 1 is only in " VIDEOS);
}
END_TEST

START_TEST(the_same_records_in_other_bytes_are_told_by_byte)
{
    ck_assert(compare_files(&difference, FRAMES, FRAMES ".gz", arena, &failure));
    ck_assert_msg(strncmp(difference.text, "byte 0: ", 8) == 0, "%s", difference.text);
}
END_TEST

START_TEST(a_line_of_csv_that_differs_is_named_with_its_field)
{
    differs(text_file("a.csv", "step,loss,rate\n1,0.5,1\n2,\"0,25\",1\n"),
            text_file("b.csv", "step,loss,rate\n1,0.5,1\n2,\"0,25\",2\n"),
            "line 3, field 3 (rate): \"2,\"0,25\",1\" and \"2,\"0,25\",2\"");
}
END_TEST

START_TEST(a_line_of_text_that_differs_is_shown_from_there)
{
    differs(text_file("a.md", "# Title, and more\nthe same\nan end\n"),
            text_file("b.md", "# Title, and more\nthe same\n"),
            "line 3: \"an end\" and \"\" (the end)");
}
END_TEST

START_TEST(what_a_terminal_would_obey_is_not_printed)
{
    differs(text_file("a", "x\033[2Jy"), text_file("b", "x\033[2Jz"),
            "line 1: \"x?[2Jy\" and \"x?[2Jz\"");
}
END_TEST

START_TEST(a_member_of_json_that_differs_is_named)
{
    differs(text_file("a.json", "{ \"parts\":\n{ \"public\": [ 0.5, { \"map\": 0.25 } ] } }"),
            text_file("b.json", "{ \"parts\":\n{ \"public\": [ 0.5, { \"map\": 0.75 } ] } }"),
            "line 2, parts.public[1].map: 0.25 and 0.75");
    differs(text_file("a.json", "{ \"one\": 1 }"),
            text_file("b.json", "{ \"one\": 1, \"two\": 2 }"), "line 1, two: nothing and 2");
}
END_TEST

START_TEST(a_file_of_a_manifest_that_differs_is_compared_itself)
{
    const char *lines = "%s 4 one\n%s 4 two\n";
    char equal[SHA256_HEX_BYTES], x[SHA256_HEX_BYTES], y[SHA256_HEX_BYTES];
    text_file("m/one", "same");
    text_file("n/one", "same");
    text_file("m/two", "xxxx");
    text_file("n/two", "xyxx");
    sha256_of("same", 4, equal);
    sha256_of("xxxx", 4, x);
    sha256_of("xyxx", 4, y);
    differs(text_file("m.manifest", arena_format(&arena, &failure, lines, equal, x)),
            text_file("n.manifest", arena_format(&arena, &failure, lines, equal, y)),
            "file two, line 1: \"xxxx\" and \"xyxx\"; 1 of 2 files differ");
    text_file("n/two", "xxxx");
    text_file("n/one", "sane"); // altered, whatever the manifest says
    differs(in_folder("m.manifest"), in_folder("n.manifest"),
            "file one, line 1: \"same\" and \"sane\"; 1 of 2 files differ");
}
END_TEST

START_TEST(a_missing_file_is_a_failure)
{
    ck_assert(!compare_files(&difference, VIDEOS, in_folder("none"), arena, &failure));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
}
END_TEST

/* An artifact FOLDER/submissions/r/NAME made from others, with an option of its own. */
static void artifact(const char *build, const char *name, const char *text, const char *option,
                     const char *input, const char *input_text)
{
    char own[SHA256_HEX_BYTES], its[SHA256_HEX_BYTES] = "";
    Provenance provenance = { .kind = "k", .podium = "1", .sha256 = own, .size = strlen(text) };
    ProvenanceInput inputs[1] = { { .kind = "k", .role = "from", .sha256 = its } };
    const char *path =
        text_file(arena_format(&arena, &failure, "%s/submissions/r/%s", build, name), text);
    sha256_of(text, strlen(text), own);
    ck_assert(key_add(&provenance.key, "option/rate", option, &arena, &failure));
    if (input) {
        sha256_of(input_text, strlen(input_text), its);
        inputs[0].artifact = arena_format(&arena, &failure, "r/%s", input);
        provenance.inputs = inputs;
        provenance.input_count = 1;
        ck_assert(key_add(&provenance.key, "input/from/00000", its, &arena, &failure));
    }
    key_seal(&provenance.key);
    ck_assert(provenance_write(&provenance, path, &failure));
}

/* A build of three artifacts, each made from the one before. */
static void build(const char *name, const char *second, const char *rate)
{
    const char *third = arena_format(&arena, &failure, "from %s", second);
    artifact(name, "z", "first", "1", NULL, NULL);
    artifact(name, "m", second, rate, "z", "first");
    artifact(name, "a", third, "1", "m", second);
}

static const char *builds_say(const char *names, bool *same)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    ck_assert_msg(
        compare_builds(in_folder("one"), in_folder("two"), names, to, same, arena, &failure), "%s",
        failure.message);
    fclose(to);
    const char *kept = arena_copy(&arena, text, size, &failure);
    free(text);
    return kept;
}

START_TEST(two_equal_builds_are_all_the_same)
{
    bool same;
    build("one", "x", "1");
    build("two", "x", "1");
    ck_assert_str_eq(builds_say(NULL, &same), "3 artifacts, all the same\n");
    ck_assert(same);
}
END_TEST

START_TEST(of_two_builds_what_differs_first_is_said_first)
{
    bool same;
    build("one", "x", "1");
    build("two", "y", "1");
    ck_assert_str_eq(builds_say(NULL, &same),
                     "submissions/r/m differs, and nothing that it was made from\n"
                     "    line 1: \"x\" and \"y\"\n"
                     "made from these, and different: submissions/r/a\n"
                     "3 artifacts, 2 of them differ\n");
    ck_assert(!same);
}
END_TEST

START_TEST(provenance_that_differs_is_said_by_its_field)
{
    bool same;
    build("one", "x", "1");
    build("two", "x", "0.5");
    ck_assert_str_eq(builds_say(NULL, &same),
                     "submissions/r/m differs, and nothing that it was made from\n"
                     "    provenance: option/rate: 1 and 0.5\n"
                     "3 artifacts, 1 of them differ\n");
    ck_assert(!same);
}
END_TEST

START_TEST(an_artifact_that_one_build_lacks_differs)
{
    bool same;
    build("one", "x", "1");
    build("two", "x", "1");
    unlink(in_folder("two/submissions/r/z"));
    builds_say(NULL, &same);
    ck_assert(!same);
}
END_TEST

START_TEST(only_the_artifacts_of_a_list_are_compared)
{
    bool same;
    build("one", "x", "1");
    build("two", "y", "1");
    const char *names = text_file("names", "submissions/r/z\n");
    ck_assert_str_eq(builds_say(names, &same), "1 artifacts, all the same\n");
    ck_assert(same);
    text_file("names", "submissions/r/none\n");
    ck_assert(
        !compare_builds(in_folder("one"), in_folder("two"), names, stdout, &same, arena, &failure));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        tensors_that_are_equal_are_the_same,
        a_tensor_that_differs_is_named_with_its_first_value_and_its_largest_difference,
        a_zero_of_another_sign_differs,
        metadata_that_differs_is_named,
        a_tensor_that_only_one_file_has_is_named,
        a_damaged_file_is_compared_by_bytes_and_its_damage_is_said,
        a_record_that_differs_is_named_with_feature_frame_and_byte,
        records_that_one_shard_lacks_are_counted,
        the_same_records_in_other_bytes_are_told_by_byte,
        a_line_of_csv_that_differs_is_named_with_its_field,
        a_line_of_text_that_differs_is_shown_from_there,
        what_a_terminal_would_obey_is_not_printed,
        a_member_of_json_that_differs_is_named,
        a_file_of_a_manifest_that_differs_is_compared_itself,
        a_missing_file_is_a_failure,
        two_equal_builds_are_all_the_same,
        of_two_builds_what_differs_first_is_said_first,
        provenance_that_differs_is_said_by_its_field,
        an_artifact_that_one_build_lacks_differs,
        only_the_artifacts_of_a_list_are_compared,
    };
    temporary_begin();
    TCase *cases = tcase_create("compare");
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(cases, tests[i]);
    int failed = run_case("compare", cases);
    temporary_end();
    return failed;
}
