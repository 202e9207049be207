#include "suite.h"
#include "tests/temporary.h"
#include "common/base/file.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static const char *path(const char *name)
{
    static char text[256];
    snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

static void setup(void)
{
    temporary_make(folder, sizeof folder);
}

/* How many names are in the folder, hidden ones too. */
static size_t names(void)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

START_TEST(a_file_appears_whole_with_its_digest)
{
    AtomicFile file;
    Failure failure = { 0 };
    char sha256[SHA256_HEX_BYTES];
    setup();
    ck_assert(atomic_file_open(&file, path("a"), &failure));
    ck_assert(atomic_file_write(&file, "ab", 2, &failure));
    ck_assert_uint_eq(names(), 0);
    ck_assert(atomic_file_print(&file, &failure, "%c", 'c'));
    ck_assert(atomic_file_commit(&file, sha256, &failure));
    // FIPS 180-4's own example
    ck_assert_str_eq(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_uint_eq(names(), 1);
    ck_assert(sha256_of_file(path("a"), sha256, &failure));
    ck_assert_str_eq(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* Expected are the digests of `seq -f %07.0f 0 99999` and `seq -f %07.0f 0 599999`, by sha256sum. */
START_TEST(a_large_file_that_is_hashed_beside_its_writing_has_the_same_digest)
{
    AtomicFile file;
    Failure failure = { 0 };
    char sha256[SHA256_HEX_BYTES];
    static const char *const some =
        "8b47c64dee68e55b134fe52b80c6e9fdf9e74dea555dd974d7856346be08a6fe";
    static const char *const all =
        "bb63fd4dd1d3ab304d8af78b147cdab4ac52769f818b75c17ca1d3bb9bf319fd";
    setup();
    ck_assert(atomic_file_open(&file, path("a"), &failure));
    int line = 0;
    while (line < 100000 && atomic_file_print(&file, &failure, "%07d\n", line))
        line++;
    atomic_file_digest(&file, sha256);
    ck_assert_str_eq(sha256, some);
    while (line < 600000 && atomic_file_print(&file, &failure, "%07d\n", line))
        line++;
    ck_assert(atomic_file_commit(&file, sha256, &failure));
    ck_assert_str_eq(sha256, all);
    ck_assert(sha256_of_file(path("a"), sha256, &failure));
    ck_assert_str_eq(sha256, all);
}
END_TEST

START_TEST(a_large_file_on_a_disk_that_becomes_full_leaves_nothing)
{
    AtomicFile file;
    Failure failure = { 0 };
    static const char block[3 << 20];
    setup();
    ck_assert(atomic_file_open(&file, path("a"), &failure));
    ck_assert(atomic_file_write(&file, block, sizeof block, &failure)); // the thread is at work
    int full = open("/dev/full", O_WRONLY);
    ck_assert_int_ge(full, 0);
    dup2(full, file.descriptor);
    close(full);
    ck_assert(!atomic_file_write(&file, block, sizeof block, &failure));
    ck_assert_int_eq(failure.code, EX_IOERR);
    atomic_file_discard(&file);
    ck_assert_uint_eq(names(), 0);
}
END_TEST

START_TEST(a_file_that_is_not_committed_leaves_nothing_and_the_old_one_stays)
{
    AtomicFile file;
    Failure failure = { 0 };
    struct stat status;
    setup();
    ck_assert(file_write(path("a"), "old", 3, &failure));
    ck_assert(atomic_file_open(&file, path("a"), &failure));
    ck_assert(atomic_file_write(&file, "newer", 5, &failure));
    atomic_file_discard(&file);
    atomic_file_discard(&file);
    ck_assert_uint_eq(names(), 1);
    ck_assert_int_eq(stat(path("a"), &status), 0);
    ck_assert_int_eq(status.st_size, 3);
}
END_TEST

START_TEST(a_file_that_begins_again_has_only_what_came_then)
{
    AtomicFile file;
    Failure failure = { 0 };
    char sha256[SHA256_HEX_BYTES];
    setup();
    ck_assert(atomic_file_open(&file, path("a"), &failure));
    ck_assert(atomic_file_write(&file, "before", 6, &failure));
    ck_assert(atomic_file_restart(&file, &failure));
    ck_assert(atomic_file_write(&file, "abc", 3, &failure));
    ck_assert(atomic_file_commit(&file, sha256, &failure));
    ck_assert_str_eq(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_uint_eq(names(), 1);
}
END_TEST

START_TEST(folders_are_made_and_a_file_in_the_way_is_named)
{
    Failure failure = { 0 };
    setup();
    ck_assert(file_write(path("x/y/z"), "1", 1, &failure));
    ck_assert(!file_write(path("x/y/z/w"), "1", 1, &failure));
    ck_assert_int_eq(failure.code, EX_CANTCREAT);
    ck_assert_ptr_nonnull(strstr(failure.message, "/x/y/z"));
}
END_TEST

/* /dev/full accepts nothing, as a full disk does. */
START_TEST(a_full_disk_is_said_with_the_file_and_the_reason)
{
    Failure failure = { 0 };
    setup();
    AtomicFile file;
    ck_assert(atomic_file_open(&file, path("a"), &failure));
    FILE *full = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(full);
    dup2(fileno(full), file.descriptor);
    fclose(full);
    ck_assert(atomic_file_write(&file, "abc", 3, &failure));
    ck_assert(!atomic_file_commit(&file, NULL, &failure));
    ck_assert_int_eq(failure.code, EX_IOERR);
    ck_assert_ptr_nonnull(
        strstr(failure.message, "/a:3: can't be written: No space left on device"));
    ck_assert_uint_eq(names(), 0);
}
END_TEST

START_TEST(what_is_no_plain_file_is_refused)
{
    MappedFile file;
    Failure failure = { 0 };
    setup();
    ck_assert(!mapped_file_open(&file, folder, &failure));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
    failure = (Failure){ 0 };
    ck_assert(!mapped_file_open(&file, path("none"), &failure));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
    ck_assert_ptr_nonnull(strstr(failure.message, "/none: No such file or directory"));
    failure = (Failure){ 0 };
    ck_assert(file_write(path("empty"), "", 0, &failure));
    ck_assert(mapped_file_open(&file, path("empty"), &failure));
    ck_assert_uint_eq(file.size, 0);
    mapped_file_close(&file);
}
END_TEST

START_TEST(an_arena_refuses_what_it_cannot_hold)
{
    Arena arena;
    Failure failure = { 0 };
    double *x;
    ck_assert(arena_open(&arena, 1 << 16, &failure));
    ck_assert(arena_array(&arena, x, 1000, &failure));
    ck_assert_uint_eq((uintptr_t)x % 64, 0);
    ck_assert(x[999] == 0);
    ck_assert(!arena_array(&arena, x, SIZE_MAX / 4, &failure));
    ck_assert_int_eq(failure.code, EX_OSERR);
    failure = (Failure){ 0 };
    ck_assert(!arena_array(&arena, x, 10000, &failure));
    ck_assert_int_eq(failure.code, EX_OSERR);
    failure = (Failure){ 0 };
    ck_assert_str_eq(arena_format(&arena, &failure, "%s-%d", "a", 7), "a-7");
    Arena scratch = arena;
    char *before = arena.next;
    ck_assert(arena_array(&scratch, x, 100, &failure)); // a copy: the arena itself has not moved
    ck_assert_ptr_eq(arena.next, before);
    arena_close(&arena);
    arena_close(&arena);
}
END_TEST

START_TEST(an_array_that_is_alone_in_its_arena_grows_in_place)
{
    Arena arena;
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, 1 << 16, &failure));
    uint64_t *x = arena_allocate(&arena, 8, sizeof *x, &failure);
    ck_assert_ptr_eq(arena_extend(&arena, 16, sizeof *x, &failure), x + 8);
    ck_assert_ptr_eq(arena_extend(&arena, 8, sizeof *x, &failure), x + 24);
    for (size_t i = 0; i < 32; i++)
        ck_assert(x[i]++ == 0);
    arena_close(&arena);
}
END_TEST

START_TEST(a_message_is_one_line_whatever_a_file_calls_itself)
{
    Failure failure = { 0 };
    fail(&failure, EX_DATAERR, "%s: no such class", "a\nb\033[2J\177\xc3\xa9");
    ck_assert_str_eq(failure.message, "a?b?[2J?\xc3\xa9: no such class");
    failure = (Failure){ 0 };
    errno = ENOENT;
    fail_errno(&failure, EX_NOINPUT, "%s", "a\r");
    ck_assert_str_eq(failure.message, "a?: No such file or directory");
}
END_TEST

int main(void)
{
    temporary_begin();
    int failed = RUN_SUITE("file", a_file_appears_whole_with_its_digest,
                           a_large_file_that_is_hashed_beside_its_writing_has_the_same_digest,
                           a_large_file_on_a_disk_that_becomes_full_leaves_nothing,
                           a_file_that_is_not_committed_leaves_nothing_and_the_old_one_stays,
                           a_file_that_begins_again_has_only_what_came_then,
                           folders_are_made_and_a_file_in_the_way_is_named,
                           a_full_disk_is_said_with_the_file_and_the_reason,
                           what_is_no_plain_file_is_refused, an_arena_refuses_what_it_cannot_hold,
                           an_array_that_is_alone_in_its_arena_grows_in_place,
                           a_message_is_one_line_whatever_a_file_calls_itself);
    temporary_end();
    return failed;
}
