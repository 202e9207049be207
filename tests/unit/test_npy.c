#include "suite.h"
#include "common/data/npy.h"
#include "temporary.h"

#include <string.h>

static Arena arena;
static float *values;
static size_t count;

static bool read_file(const char *path, Failure *failure)
{
    arena_close(&arena);
    ck_assert(arena_open(&arena, 1 << 24, failure));
    return npy_read(&values, &count, path, &arena, failure);
}

START_TEST(a_row_that_numpy_wrote_is_read)
{
    Failure failure = { 0 };
    ck_assert_msg(read_file("tests/golden/eigenvalues.npy", &failure), "%s", failure.message);
    ck_assert_uint_eq(count, 3);
    ck_assert(values[0] == 12.5f && values[1] == 3.25f && values[2] == 1e-4f);
}
END_TEST

START_TEST(what_we_write_has_the_bytes_that_numpy_writes)
{
    Failure failure = { 0 };
    AtomicFile file;
    MappedFile ours, theirs;
    const char *path = temporary_path("row.npy", 0);
    ck_assert(read_file("tests/golden/eigenvalues.npy", &failure));
    ck_assert(atomic_file_open(&file, path, &failure) && npy_write(&file, values, count, &failure)
              && atomic_file_commit(&file, NULL, &failure));
    ck_assert(mapped_file_open(&ours, path, &failure)
              && mapped_file_open(&theirs, "tests/golden/eigenvalues.npy", &failure));
    ck_assert_uint_eq(ours.size, theirs.size);
    ck_assert_mem_eq(ours.bytes, theirs.bytes, ours.size);
    mapped_file_close(&ours);
    mapped_file_close(&theirs);
}
END_TEST

static void refuse(const char *header, size_t data, const char *reason)
{
    char bytes[512] = "\x93NUMPY\x01", where[256];
    Failure failure = { 0 };
    const char *path = temporary_path("bad.npy", 0);
    size_t length = strlen(header);
    bytes[8] = (char)length;
    memcpy(bytes + 10, header, length);
    ck_assert(file_write(path, bytes, 10 + length + data, &failure));
    ck_assert(!read_file(path, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    snprintf(where, sizeof where, "bad.npy%s", reason);
    ck_assert_msg(strstr(failure.message, where) != NULL, "%s", failure.message);
}

START_TEST(a_file_of_another_kind_is_refused_in_one_line)
{
    Failure failure = { 0 };
    refuse("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", 16,
           ": not of type '<f4'");
    refuse("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }\n", 8, ": not in C order");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", 8, ": not of one axis");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n", 4, ": not of one axis");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 7,
           ":68: 7 bytes of data for 2 floats");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387905,), }\n", 4,
           ":86: 4 bytes of data for 4611686018427387905 floats");
    refuse("", 0, ": not of type");
    ck_assert(file_write(temporary_path("bad.npy", 1), "\x93NUMPY\x01\x00\xff\xff{", 11, &failure));
    ck_assert(!read_file(temporary_path("bad.npy", 1), &failure));
    ck_assert_ptr_nonnull(strstr(failure.message, "the header is cut off"));
}
END_TEST

int main(void)
{
    temporary_begin();
    int result = RUN_SUITE("npy", a_row_that_numpy_wrote_is_read,
                           what_we_write_has_the_bytes_that_numpy_writes,
                           a_file_of_another_kind_is_refused_in_one_line);
    temporary_end();
    return result;
}
