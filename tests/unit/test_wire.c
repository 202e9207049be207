/* Wire: bytes worked by hand from protobuf's encoding guide. */
#include "suite.h"
#include "common/data/wire.h"

#include <stdlib.h>
#include <string.h>

/* Read all fields; the number of them, or -1 where the bytes are malformed. */
static int fields(const void *bytes, size_t size)
{
    int count = 0;
    WireField field;
    Wire wire = wire_of(bytes, size);
    while (wire_next(&wire, &field))
        count++;
    return wire.problem ? -1 : count;
}

static uint64_t number(const void *bytes, size_t size)
{
    uint64_t value = 0;
    Wire wire = wire_of(bytes, size);
    ck_assert(wire_varint(&wire, &value));
    ck_assert_ptr_eq(wire.next, wire.end);
    return value;
}

START_TEST(the_guides_own_examples_are_read)
{
    ck_assert_uint_eq(number("\x01", 1), 1);
    ck_assert_uint_eq(number("\x96\x01", 2), 150);
    WireField field;
    Wire wire = wire_of("\x08\x96\x01\x12\x07testing", 12);
    ck_assert(wire_next(&wire, &field));
    ck_assert(field.number == 1 && field.type == WIRE_VARINT && field.value == 150);
    ck_assert(wire_next(&wire, &field));
    ck_assert(field.number == 2 && field.type == WIRE_BYTES && field.size == 7);
    ck_assert_mem_eq(field.bytes, "testing", 7);
    ck_assert(!wire_next(&wire, &field));
    ck_assert_ptr_null(wire.problem);
}
END_TEST

START_TEST(a_negative_number_has_ten_bytes)
{
    ck_assert_uint_eq(number("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10), (uint64_t)-2);
    ck_assert_uint_eq(number("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10), (uint64_t)1 << 63);
}
END_TEST

START_TEST(a_number_may_be_longer_than_it_needs_to_be)
{
    ck_assert_uint_eq(number("\x81\x80\x80\x00", 4), 1);
}
END_TEST

START_TEST(a_number_of_eleven_bytes_is_malformed)
{
    uint64_t value;
    Wire wire = wire_of("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11);
    ck_assert(!wire_varint(&wire, &value));
    ck_assert_str_eq(wire.problem, "a number is longer than 10 bytes");
}
END_TEST

START_TEST(fields_of_all_four_types_are_passed)
{
    // numbers 15 (varint), 16 (8 bytes), 17 (bytes), 999 (4 bytes)
    const char bytes[] = "\x78\x4d\x81\x01"
                         "12345678\x8a\x01\x01?\xbd\x3e"
                         "1234";
    ck_assert_int_eq(fields(bytes, sizeof bytes - 1), 4);
    for (size_t size = 0; size < sizeof bytes - 1; size++) {
        bool whole = size == 0 || size == 2 || size == 12 || size == 16;
        ck_assert_int_eq(fields(bytes, size) >= 0, whole);
    }
}
END_TEST

START_TEST(groups_and_the_types_that_do_not_exist_are_refused)
{
    for (unsigned type = 0; type < 8; type++) {
        uint8_t bytes[9] = { (uint8_t)(1 << 3 | type) };
        bool known = type == 0 || type == 1 || type == 2 || type == 5;
        ck_assert_int_eq(fields(bytes, type == 0 || type == 2 ? 2 : type == 5 ? 5 : 9) == 1, known);
    }
}
END_TEST

START_TEST(the_number_zero_and_numbers_beyond_29_bits_are_refused)
{
    ck_assert_int_eq(fields("\x00\x01", 2), -1);
    ck_assert_int_eq(fields("\xf8\xff\xff\xff\x0f\x01", 6), 1); // 2^29 - 1
    ck_assert_int_eq(fields("\x80\x80\x80\x80\x10\x01", 6), -1);
}
END_TEST

START_TEST(a_length_beyond_the_message_is_refused_where_it_stands)
{
    ck_assert_int_eq(fields("\x0a\x02x", 3), -1);
    ck_assert_int_eq(fields("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11), -1); // 2^64 - 1
    WireField field;
    Wire wire = wire_of("\x08\x01\x0a\x05x", 5);
    ck_assert(wire_next(&wire, &field));
    ck_assert(!wire_next(&wire, &field));
    ck_assert_str_eq(wire.problem, "a field is longer than the message that holds it");
    ck_assert(!wire_next(&wire, &field)); // and stays refused
}
END_TEST

START_TEST(the_pieces_of_a_submessage_are_read_as_one)
{
    // field 2: { 1: 5 }, field 3, field 2: {}, field 2: { 1: 6, 1: 7 }
    const char bytes[] = "\x12\x02\x08\x05\x18\x01\x12\x00\x12\x04\x08\x06\x08\x07";
    WireMerged merged = wire_merged(wire_of(bytes, sizeof bytes - 1), 2);
    WireField field;
    for (uint64_t value = 5; value <= 7; value++) {
        ck_assert(wire_merged_next(&merged, &field));
        ck_assert_uint_eq(field.value, value);
    }
    ck_assert(!wire_merged_next(&merged, &field));
    ck_assert_ptr_null(wire_merged_problem(&merged));
}
END_TEST

START_TEST(a_malformed_piece_is_a_problem_of_the_whole)
{
    WireField field;
    WireMerged merged = wire_merged(wire_of("\x12\x01\x08\x12\x02\x08\x05", 7), 2);
    ck_assert(!wire_merged_next(&merged, &field));
    ck_assert_str_eq(wire_merged_problem(&merged)->problem, "a number is missing");
}
END_TEST

START_TEST(packed_numbers_are_counted_by_their_last_bytes)
{
    ck_assert_uint_eq(wire_count_varints((const uint8_t *)"\x03\x8e\x02\x9e\xa7\x05", 6), 3);
    ck_assert_uint_eq(wire_count_varints(NULL, 0), 0);
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "wire", the_guides_own_examples_are_read, a_negative_number_has_ten_bytes,
        a_number_may_be_longer_than_it_needs_to_be, a_number_of_eleven_bytes_is_malformed,
        fields_of_all_four_types_are_passed, groups_and_the_types_that_do_not_exist_are_refused,
        the_number_zero_and_numbers_beyond_29_bits_are_refused,
        a_length_beyond_the_message_is_refused_where_it_stands,
        the_pieces_of_a_submessage_are_read_as_one, a_malformed_piece_is_a_problem_of_the_whole,
        packed_numbers_are_counted_by_their_last_bytes);
}
