/* Safetensors: read against the format's own library, written to the same bytes, refused when
 * damaged. */
#include "common/data/safetensors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOLDEN "tests/golden/safetensors.safetensors" // written by write_safetensors.py beside it

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

/* Read a file in memory: this header, then `data_size` zero bytes. */
static bool parses(const char *header, size_t data_size)
{
    static uint8_t bytes[4096];
    SafetensorsReader reader;
    size_t length = strlen(header);
    memset(bytes, 0, sizeof bytes);
    bytes[0] = (uint8_t)length;
    bytes[1] = (uint8_t)(length >> 8);
    memcpy(bytes + 8, header, length);
    failure = (Failure){ 0 };
    return safetensors_of_bytes(&reader, "x", bytes, 8 + length + data_size, &arena, &failure);
}

static void refused(const char *header, size_t data_size, const char *message)
{
    ck_assert(!parses(header, data_size));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_str_eq(failure.message, message);
}

START_TEST(a_file_of_the_formats_own_library_is_read)
{
    SafetensorsReader reader;
    const char *quoted = "single \"quoted\" \u00fc";
    ck_assert_msg(safetensors_open(&reader, GOLDEN, &arena, &failure), "%s", failure.message);
    ck_assert_uint_eq(reader.count, 7);
    ck_assert_str_eq(safetensors_metadata(&reader, "kind"), "golden \u00e9");
    ck_assert_ptr_null(safetensors_metadata(&reader, "other"));
    const int64_t *starts = safetensors_array(&reader, "starts", STORED_I64, 3, &failure);
    ck_assert_int_eq(starts[0], -5);
    ck_assert_int_eq(starts[1], (int64_t)1 << 40);
    const StoredTensor *weights = safetensors_find(&reader, "weights/b");
    ck_assert_uint_eq(weights->axes, 2);
    ck_assert_uint_eq(weights->shape[0], 2);
    ck_assert_uint_eq(weights->shape[1], 3);
    ck_assert(((const float *)weights->bytes)[5] == 1.25f);
    const float *single = safetensors_array(&reader, quoted, STORED_F32, 1, &failure);
    ck_assert(*single == 3.25f);
    ck_assert_uint_eq(safetensors_find(&reader, quoted)->axes, 0);
    ck_assert_uint_eq(safetensors_find(&reader, "nothing")->shape[1], 4);
    ck_assert_ptr_null(safetensors_find(&reader, "absent"));
    safetensors_close(&reader);
}
END_TEST

/* Write the golden file again, its tensors declared in reverse; as a stream in two parts each. */
static void write_again(const SafetensorsReader *golden, const char *path, bool stream)
{
    SafetensorsWriter writer = safetensors_writer(&arena);
    AtomicFile file;
    for (size_t i = golden->count; i-- > 0;) {
        const StoredTensor *tensor = &golden->tensors[i];
        ck_assert(safetensors_declare(&writer, tensor->name, tensor->type, tensor->axes,
                                      tensor->shape, stream ? NULL : tensor->bytes, &failure));
    }
    ck_assert(safetensors_note(&writer, "kind", safetensors_metadata(golden, "kind"), &failure));
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert(safetensors_start(&writer, &file, &failure));
    for (size_t i = 0; stream && i < writer.count; i++) {
        const StoredTensor *tensor = safetensors_find(golden, writer.tensors[i].name);
        const char *bytes = tensor->bytes;
        size_t half = tensor->size / 2;
        ck_assert(safetensors_write(&writer, tensor->name, bytes, half, &failure));
        ck_assert(
            safetensors_write(&writer, tensor->name, bytes + half, tensor->size - half, &failure));
    }
    ck_assert_msg(safetensors_finish(&writer, &failure), "%s", failure.message);
    ck_assert(atomic_file_commit(&file, NULL, &failure));
}

START_TEST(the_same_tensors_are_written_to_the_same_bytes_as_by_the_formats_own_library)
{
    char path[] = "/tmp/podium-safetensors-XXXXXX";
    SafetensorsReader golden;
    MappedFile ours;
    close(mkstemp(path));
    ck_assert(safetensors_open(&golden, GOLDEN, &arena, &failure));
    write_again(&golden, path, _i == 1);
    ck_assert(mapped_file_open(&ours, path, &failure));
    ck_assert_uint_eq(ours.size, golden.file.size);
    ck_assert_mem_eq(ours.bytes, golden.file.bytes, golden.file.size);
    mapped_file_close(&ours);
    safetensors_close(&golden);
    unlink(path);
}
END_TEST

START_TEST(data_that_a_foreign_writer_did_not_align_is_still_given_aligned)
{
    static const char header[] = "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    static _Alignas(8) uint8_t bytes[128];
    const size_t length = sizeof header - 1;
    SafetensorsReader reader;
    double value = 2.5;
    ck_assert_uint_ne(length % 8, 0);
    bytes[0] = (uint8_t)length;
    memcpy(bytes + 8, header, length);
    memcpy(bytes + 8 + length, &value, 8);
    ck_assert(safetensors_of_bytes(&reader, "x", bytes, 8 + length + 8, &arena, &failure));
    ck_assert_uint_eq((uintptr_t)safetensors_find(&reader, "a")->bytes % 8, 0);
    ck_assert(*(const double *)safetensors_array(&reader, "a", STORED_F64, 1, &failure) == 2.5);
}
END_TEST

#define FOUR_BYTES(name, begin, end)                                                               \
    "\"" #name "\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[" #begin "," #end "]}"

START_TEST(a_digest_at_the_end_tells_other_bytes)
{
    const char *path = "/tmp/podium-test-digest";
    const float values[] = { 1, 2, 3 };
    char *text;
    size_t size;
    AtomicFile file;
    SafetensorsReader reader;
    SafetensorsWriter writer = safetensors_writer(&arena);
    ck_assert(atomic_file_open(&file, path, &failure)
              && safetensors_declare_digest(&writer, "sha256", &failure)
              && safetensors_declare_vector(&writer, "values", STORED_F32, 3, values, &failure)
              && safetensors_start(&writer, &file, &failure)
              && safetensors_finish(&writer, &failure)
              && atomic_file_commit(&file, NULL, &failure));
    ck_assert(safetensors_open(&reader, path, &arena, &failure));
    ck_assert(safetensors_check_digest(&reader, "sha256", &failure));
    safetensors_close(&reader);
    ck_assert(file_read(path, &arena, &text, &size, &failure));
    text[size - 65] ^= 1; // the last byte before it
    ck_assert(file_write(path, text, size, &failure));
    ck_assert(safetensors_open(&reader, path, &arena, &failure));
    ck_assert(!safetensors_check_digest(&reader, "sha256", &failure));
    safetensors_close(&reader);
    unlink(path);
    ck_assert_int_eq(failure.code, EX_DATAERR);
}
END_TEST

START_TEST(holes_overlaps_and_trailing_bytes_are_refused)
{
    ck_assert(parses("{" FOUR_BYTES(b, 4, 8) "," FOUR_BYTES(a, 0, 4) "}", 8));
    refused("{" FOUR_BYTES(a, 0, 4) "," FOUR_BYTES(b, 5, 9) "}", 9,
            "x: tensor b begins at byte 5 of the data, not 4");
    refused("{" FOUR_BYTES(a, 0, 4) "," FOUR_BYTES(b, 3, 7) "}", 8,
            "x: tensor b begins at byte 3 of the data, not 4");
    refused("{" FOUR_BYTES(a, 0, 4) "}", 5, "x: 1 bytes after the last tensor");
    refused("{" FOUR_BYTES(a, 0, 4) "}", 3,
            "x: tensor a is cut off: it ends at byte 4 of the data, which has 3");
    refused("{" FOUR_BYTES(a, 0, 5) "}", 5,
            "x: tensor a has 5 bytes, but its shape and dtype ask for 4");
    refused("{" FOUR_BYTES(a, 4, 0) "}", 4, "x: tensor a has no data_offsets [begin, end]");
}
END_TEST

START_TEST(shapes_that_overflow_and_unknown_types_are_refused)
{
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}",
            0, "x: the shape of tensor a is not up to 8 whole numbers");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,0]}}", 0,
            "x: the shape of tensor a is not up to 8 whole numbers");
    refused("{\"a\":{\"dtype\":\"F3\",\"shape\":[],\"data_offsets\":[0,0]}}", 0,
            "x: tensor a has the unknown dtype F3");
    refused("{\"a\":7}", 0, "x: tensor a has the unknown dtype (none)");
    refused("{\"__metadata__\":{\"n\":1}}", 0, "x: metadata n is no string");
}
END_TEST

START_TEST(a_header_that_is_no_json_or_longer_than_the_file_is_refused)
{
    SafetensorsReader reader;
    static const uint8_t huge[16] = { 0, 0, 0, 0, 0, 0, 0, 0x10 };
    refused("[]", 0, "x:8: the header is no JSON object");
    ck_assert(!parses("{\"a\"", 0));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(!parses("{" FOUR_BYTES(a, 0, 4) "," FOUR_BYTES(a, 0, 4) "}", 4)); // a name twice
    ck_assert_int_eq(failure.code, EX_DATAERR);
    failure = (Failure){ 0 };
    ck_assert(!safetensors_of_bytes(&reader, "x", huge, sizeof huge, &arena, &failure));
    ck_assert_str_eq(failure.message,
                     "x:0: a header of 1152921504606846976 bytes; not safetensors, or cut off");
    failure = (Failure){ 0 };
    ck_assert(!safetensors_of_bytes(&reader, "x", huge, 7, &arena, &failure));
    ck_assert_str_eq(failure.message, "x: 7 bytes; not safetensors");
}
END_TEST

START_TEST(every_cut_of_a_good_file_is_refused)
{
    MappedFile file;
    SafetensorsReader reader;
    ck_assert(mapped_file_open(&file, GOLDEN, &failure));
    for (size_t size = 0; size < file.size; size++) {
        failure = (Failure){ 0 };
        ck_assert(!safetensors_of_bytes(&reader, "x", file.bytes, size, &arena, &failure));
        ck_assert_int_eq(failure.code, EX_DATAERR);
    }
    mapped_file_close(&file);
}
END_TEST

START_TEST(writing_out_of_turn_or_too_much_or_too_little_is_our_own_mistake)
{
    SafetensorsWriter writer = safetensors_writer(&arena);
    AtomicFile file;
    ck_assert(atomic_file_open(&file, "/tmp/podium-safetensors-never", &failure));
    ck_assert(safetensors_declare_vector(&writer, "b", STORED_U8, 2, NULL, &failure));
    ck_assert(safetensors_declare_vector(&writer, "a", STORED_U8, 2, NULL, &failure));
    ck_assert(safetensors_start(&writer, &file, &failure));
    ck_assert(!safetensors_write(&writer, "b", "xy", 2, &failure));
    ck_assert_int_eq(failure.code, EX_SOFTWARE);
    failure = (Failure){ 0 };
    ck_assert(!safetensors_write(&writer, "a", "xyz", 3, &failure));
    ck_assert_int_eq(failure.code, EX_SOFTWARE);
    failure = (Failure){ 0 };
    ck_assert(safetensors_write(&writer, "a", "xy", 2, &failure));
    ck_assert(!safetensors_finish(&writer, &failure));
    atomic_file_discard(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *tests = tcase_create("safetensors");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_file_of_the_formats_own_library_is_read);
    tcase_add_loop_test(
        tests, the_same_tensors_are_written_to_the_same_bytes_as_by_the_formats_own_library, 0, 2);
    tcase_add_test(tests, data_that_a_foreign_writer_did_not_align_is_still_given_aligned);
    tcase_add_test(tests, a_digest_at_the_end_tells_other_bytes);
    tcase_add_test(tests, holes_overlaps_and_trailing_bytes_are_refused);
    tcase_add_test(tests, shapes_that_overflow_and_unknown_types_are_refused);
    tcase_add_test(tests, a_header_that_is_no_json_or_longer_than_the_file_is_refused);
    tcase_add_test(tests, every_cut_of_a_good_file_is_refused);
    tcase_add_test(tests, writing_out_of_turn_or_too_much_or_too_little_is_our_own_mistake);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
