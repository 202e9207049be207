/* TFRecord: golden files by Python's zlib and a bitwise CRC; every cut and every flipped bit. */
#include "common/data/tfrecord.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "temporary.h"

#define GOLDEN "tests/golden/frames.tfrecord" // written by videos.py beside it; 4 records

/* Two records, "abc" and "", framed by tf_example.py's bitwise CRC. */
static const uint8_t two[] = {
    0x03, 0, 0, 0, 0, 0, 0, 0, 0xb0, 0x99, 0x49, 0x0e, 'a',  'b',  'c',  0x6e, 0x57, 0xf1, 0x21, //
    0x00, 0, 0, 0, 0, 0, 0, 0, 0x29, 0x03, 0x98, 0x07, 0xd8, 0xea, 0x82, 0xa2,
};

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

/* All payloads of a file, one after another. */
static char *payloads(const char *path, size_t *size, size_t *count)
{
    Record record;
    TfrecordReader reader;
    char *all = NULL;
    *size = *count = 0;
    ck_assert_msg(tfrecord_open(&reader, path, &failure), "%s", failure.message);
    for (; tfrecord_next(&reader, &record, &failure); ++*count) {
        ck_assert_uint_eq(record.number, *count);
        all = realloc(all, *size + record.size + 1);
        memcpy(all + *size, record.bytes, record.size);
        *size += record.size;
    }
    ck_assert_msg(failure.code == EX_OK, "%s", failure.message);
    tfrecord_close(&reader);
    return all;
}

START_TEST(the_length_of_an_official_record_has_the_checksum_that_it_has_there)
{
    const uint8_t head[] = { 0x57, 0x12, 0, 0, 0, 0, 0, 0, 0x8d, 0x33, 0x00, 0x4f };
    uint8_t ours[TFRECORD_HEAD_BYTES];
    tfrecord_head(ours, 4695);
    ck_assert_mem_eq(ours, head, sizeof head);
}
END_TEST

START_TEST(the_checksum_of_nine_digits_is_the_published_one)
{
    // CRC-32C("123456789") = 0xe3069283 (RFC 3720's polynomial); rotated and masked by hand
    uint32_t crc = 0xe3069283u, masked = (crc >> 15 | crc << 17) + 0xa282ead8u;
    ck_assert_uint_eq(tfrecord_checksum("123456789", 9), masked);
}
END_TEST

START_TEST(records_are_read_in_order_and_a_length_of_zero_is_legal)
{
    Record record;
    TfrecordReader reader = tfrecord_of_bytes("two", two, sizeof two);
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert_uint_eq(record.size, 3);
    ck_assert_mem_eq(record.bytes, "abc", 3);
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert_uint_eq(record.size, 0);
    ck_assert_uint_eq(record.offset, 19);
    ck_assert_uint_eq(record.number, 1);
    ck_assert(!tfrecord_next(&reader, &record, &failure));
    ck_assert_int_eq(failure.code, EX_OK);
}
END_TEST

START_TEST(a_record_that_is_cut_off_is_refused_by_name_and_byte)
{
    Record record;
    TfrecordReader reader = tfrecord_of_bytes("two", two, sizeof two - 1);
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert(!tfrecord_next(&reader, &record, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_str_eq(failure.message, "two:19: record 1 is cut off; download it again");
}
END_TEST

START_TEST(every_cut_is_refused_except_at_the_end_of_a_record)
{
    for (size_t size = 0; size <= sizeof two; size++) {
        Record record;
        TfrecordReader reader = tfrecord_of_bytes("two", two, size);
        failure = (Failure){ 0 };
        while (tfrecord_next(&reader, &record, &failure))
            ;
        bool whole = size == 0 || size == 19 || size == sizeof two;
        ck_assert_int_eq(failure.code, whole ? EX_OK : EX_DATAERR);
        ck_assert(!tfrecord_next(&reader, &record, &failure)); // a failure is an end
    }
}
END_TEST

START_TEST(every_flipped_bit_is_found)
{
    for (size_t bit = 0; bit < 8 * sizeof two; bit++) {
        Record record;
        uint8_t bytes[sizeof two];
        memcpy(bytes, two, sizeof two);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        TfrecordReader reader = tfrecord_of_bytes("two", bytes, sizeof two);
        failure = (Failure){ 0 };
        while (tfrecord_next(&reader, &record, &failure))
            ;
        ck_assert_int_eq(failure.code, EX_DATAERR);
    }
}
END_TEST

START_TEST(a_length_is_not_believed_before_its_checksum)
{
    uint8_t bytes[sizeof two];
    Record record;
    memcpy(bytes, two, sizeof two);
    bytes[7] = 0x10; // 2^60 bytes and three
    TfrecordReader reader = tfrecord_of_bytes("two", bytes, sizeof two);
    ck_assert(!tfrecord_next(&reader, &record, &failure));
    ck_assert_str_eq(failure.message,
                     "two:0: record 0 is corrupted: its length doesn't match its "
                     "checksum; download it again");
}
END_TEST

START_TEST(a_length_with_its_checksum_that_the_file_cannot_hold_is_a_cut)
{
    uint8_t bytes[64] = { 0 };
    const uint64_t lengths[] = { (uint64_t)1 << 60, UINT64_MAX, UINT64_MAX - 15, 49 };
    for (size_t i = 0; i < 4; i++) {
        Record record;
        tfrecord_head(bytes, lengths[i]);
        TfrecordReader reader = tfrecord_of_bytes("long", bytes, sizeof bytes);
        failure = (Failure){ 0 };
        ck_assert(!tfrecord_next(&reader, &record, &failure));
        ck_assert_str_eq(failure.message, "long:0: record 0 is cut off; download it again");
    }
}
END_TEST

START_TEST(after_a_corrupted_payload_the_next_record_can_still_be_read)
{
    uint8_t bytes[sizeof two];
    Record record;
    memcpy(bytes, two, sizeof two);
    bytes[13] = 'B';
    TfrecordReader reader = tfrecord_of_bytes("two", bytes, sizeof two);
    ck_assert(!tfrecord_next(&reader, &record, &failure));
    ck_assert_str_eq(failure.message,
                     "two:0: record 0 is corrupted: its bytes don't match their "
                     "checksum; download it again");
    failure = (Failure){ 0 };
    ck_assert(tfrecord_next(&reader, &record, &failure));
    ck_assert_uint_eq(record.number, 1);
}
END_TEST

START_TEST(the_framing_alone_gives_the_stored_checksum_and_does_not_read_the_payload)
{
    uint8_t bytes[sizeof two];
    uint32_t checksum;
    Record record;
    memcpy(bytes, two, sizeof two);
    bytes[13] = 'B';
    TfrecordReader reader = tfrecord_of_bytes("two", bytes, sizeof two);
    ck_assert(tfrecord_next_frame(&reader, &record, &checksum, &failure));
    ck_assert_uint_eq(checksum, tfrecord_checksum("abc", 3));
    ck_assert(tfrecord_next_frame(&reader, &record, &checksum, &failure));
    ck_assert_uint_eq(checksum, tfrecord_checksum("", 0));
}
END_TEST

START_TEST(a_record_is_found_again_by_its_offset_and_verified)
{
    Record record;
    TfrecordReader reader = tfrecord_of_bytes("two", two, sizeof two);
    ck_assert(tfrecord_at(&reader, 19, &record, &failure));
    ck_assert_uint_eq(record.size, 0);
    ck_assert(!tfrecord_at(&reader, 1, &record, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    failure = (Failure){ 0 };
    ck_assert(!tfrecord_at(&reader, sizeof two, &record, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    failure = (Failure){ 0 };
    ck_assert(!tfrecord_at(&reader, UINT64_MAX, &record, &failure));
}
END_TEST

START_TEST(gzip_and_zlib_files_hold_the_same_records)
{
    static const char *const names[] = { GOLDEN ".gz", GOLDEN ".zlib" };
    size_t size, count, compressed_size, compressed_count;
    char *plain = payloads(GOLDEN, &size, &count);
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < 2; i++) {
        char *same = payloads(names[i], &compressed_size, &compressed_count);
        ck_assert_uint_eq(compressed_count, count);
        ck_assert_uint_eq(compressed_size, size);
        ck_assert_mem_eq(same, plain, size);
        free(same);
    }
    free(plain);
}
END_TEST

START_TEST(compressed_streams_that_are_cut_off_or_damaged_are_refused)
{
    char *text;
    size_t size;
    TfrecordReader reader;
    const char *path = temporary_path("damaged", 0);
    ck_assert(file_read(GOLDEN ".gz", &arena, &text, &size, &failure));
    ck_assert(file_write(path, text, size - 9, &failure));
    ck_assert(!tfrecord_open(&reader, path, &failure));
    ck_assert_ptr_nonnull(strstr(failure.message, "cut off; download it again"));
    failure = (Failure){ 0 };
    text[size - 5] ^= 1; // in the checksum
    ck_assert(file_write(path, text, size, &failure));
    ck_assert(!tfrecord_open(&reader, path, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "damaged"));
}
END_TEST

START_TEST(several_gzip_members_are_one_stream)
{
    char *text, *twice;
    size_t size, count, bytes;
    const char *path = temporary_path("members", 0);
    ck_assert(file_read(GOLDEN ".gz", &arena, &text, &size, &failure));
    ck_assert(arena_array(&arena, twice, 2 * size, &failure));
    memcpy(twice, text, size);
    memcpy(twice + size, text, size);
    ck_assert(file_write(path, twice, 2 * size, &failure));
    free(payloads(path, &bytes, &count));
    ck_assert_uint_eq(count, 8);
}
END_TEST

START_TEST(a_plain_file_whose_length_looks_like_a_stream_is_plain)
{
    // the first bytes of these lengths are 1f 8b 08, 78 9c, 78 01
    const size_t sizes[] = { 0x088b1f, 0x9c78, 0x0178 };
    for (size_t i = 0; i < 3; i++) {
        TfrecordWriter *writer = NULL;
        uint8_t *payload;
        size_t size, count;
        const char *path = temporary_path("magic", 0);
        ck_assert(arena_array(&arena, payload, sizes[i], &failure));
        ck_assert(tfrecord_create(&writer, path, TFRECORD_PLAIN, &arena, &failure));
        ck_assert(tfrecord_write(writer, payload, sizes[i], &failure));
        ck_assert(tfrecord_commit(writer, NULL, &failure));
        free(payloads(path, &size, &count));
        ck_assert_uint_eq(size, sizes[i]);
    }
}
END_TEST

START_TEST(what_is_written_is_what_another_program_wrote)
{
    Record record;
    TfrecordReader reader;
    TfrecordWriter *writer = NULL;
    char *golden, *ours;
    size_t golden_size, size;
    const char *path = temporary_path("copy", 0);
    ck_assert(tfrecord_create(&writer, path, TFRECORD_PLAIN, &arena, &failure));
    ck_assert(tfrecord_open(&reader, GOLDEN, &failure));
    while (tfrecord_next(&reader, &record, &failure))
        ck_assert(tfrecord_write(writer, record.bytes, record.size, &failure));
    tfrecord_close(&reader);
    ck_assert(tfrecord_commit(writer, NULL, &failure));
    ck_assert(file_read(GOLDEN, &arena, &golden, &golden_size, &failure));
    ck_assert(file_read(path, &arena, &ours, &size, &failure));
    ck_assert_uint_eq(size, golden_size);
    ck_assert_mem_eq(ours, golden, size);
}
END_TEST

START_TEST(compressed_files_are_read_back_and_written_to_the_same_bytes_each_time)
{
    static const TfrecordCompression kinds[] = { TFRECORD_GZIP, TFRECORD_ZLIB };
    TfrecordCompression kind = kinds[_i], found;
    char first[SHA256_HEX_BYTES], digest[SHA256_HEX_BYTES], *text;
    size_t size, count;
    for (int again = 0; again < 2; again++) {
        TfrecordWriter *writer = NULL;
        const char *path = temporary_path(again ? "again" : "first", 0);
        ck_assert(tfrecord_create(&writer, path, kind, &arena, &failure));
        for (size_t i = 0; i < 2000; i++)
            ck_assert(tfrecord_write(writer, &i, sizeof i, &failure));
        ck_assert(tfrecord_commit(writer, again ? digest : first, &failure));
        free(payloads(path, &size, &count));
        ck_assert_uint_eq(count, 2000);
        ck_assert(file_read(path, &arena, &text, &size, &failure));
        ck_assert(tfrecord_recognize(text, size, &found) && found == kind);
    }
    ck_assert_str_eq(first, digest);
}
END_TEST

START_TEST(a_file_that_is_not_committed_leaves_nothing)
{
    TfrecordWriter *writer = NULL;
    const char *path = temporary_path("dropped", 0);
    ck_assert(tfrecord_create(&writer, path, TFRECORD_GZIP, &arena, &failure));
    ck_assert(tfrecord_write(writer, "abc", 3, &failure));
    tfrecord_discard(writer);
    tfrecord_discard(writer);
    tfrecord_discard(NULL);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(an_empty_file_has_no_records_and_a_missing_one_is_no_input)
{
    size_t size, count;
    TfrecordReader reader;
    const char *path = temporary_path("empty", 0);
    ck_assert(file_write(path, "", 0, &failure));
    free(payloads(path, &size, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert(!tfrecord_open(&reader, temporary_path("missing", 0), &failure));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tfrecord");
    TCase *tests = tcase_create("tfrecord");
    temporary_begin();
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_length_of_an_official_record_has_the_checksum_that_it_has_there);
    tcase_add_test(tests, the_checksum_of_nine_digits_is_the_published_one);
    tcase_add_test(tests, records_are_read_in_order_and_a_length_of_zero_is_legal);
    tcase_add_test(tests, a_record_that_is_cut_off_is_refused_by_name_and_byte);
    tcase_add_test(tests, every_cut_is_refused_except_at_the_end_of_a_record);
    tcase_add_test(tests, every_flipped_bit_is_found);
    tcase_add_test(tests, a_length_is_not_believed_before_its_checksum);
    tcase_add_test(tests, a_length_with_its_checksum_that_the_file_cannot_hold_is_a_cut);
    tcase_add_test(tests, after_a_corrupted_payload_the_next_record_can_still_be_read);
    tcase_add_test(tests,
                   the_framing_alone_gives_the_stored_checksum_and_does_not_read_the_payload);
    tcase_add_test(tests, a_record_is_found_again_by_its_offset_and_verified);
    tcase_add_test(tests, gzip_and_zlib_files_hold_the_same_records);
    tcase_add_test(tests, compressed_streams_that_are_cut_off_or_damaged_are_refused);
    tcase_add_test(tests, several_gzip_members_are_one_stream);
    tcase_add_test(tests, a_plain_file_whose_length_looks_like_a_stream_is_plain);
    tcase_add_test(tests, what_is_written_is_what_another_program_wrote);
    tcase_add_loop_test(
        tests, compressed_files_are_read_back_and_written_to_the_same_bytes_each_time, 0, 2);
    tcase_add_test(tests, a_file_that_is_not_committed_leaves_nothing);
    tcase_add_test(tests, an_empty_file_has_no_records_and_a_missing_one_is_no_input);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    temporary_end();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
