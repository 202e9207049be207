/* Layout: shards are found in the official places, under both namings, or the message says why not. */
#include "common/base/file.h"
#include "common/data/layout.h"
#include "suite.h"
#include "tests/temporary.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static Arena arena;
static Failure failure;
static char root[64];

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 24, &failure));
    temporary_make(root, sizeof root);
}

static void teardown(void)
{
    arena_close(&arena);
}

/* Make a file of some bytes, with its folders. */
static void touch(const char *path, size_t size)
{
    static const char bytes[64];
    char whole[256];
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    ck_assert(file_write(whole, bytes, size, &failure));
}

static bool find(ShardList *shards, Partition partition, Level level)
{
    failure = (Failure){ 0 };
    return layout_shards(shards, root, partition, level, &arena, &failure);
}

START_TEST(official_layouts_are_found_by_level)
{
    ShardList shards;
    touch("2/video/train/train0000.tfrecord", 1);
    touch("2/frame/train/train00.tfrecord", 1);
    touch("2/frame/validate/validate0000.tfrecord", 1);
    touch("3/frame/validate/validate0001.tfrecord", 1);
    ck_assert(find(&shards, PARTITION_TRAIN, LEVEL_VIDEO));
    ck_assert_str_eq(shards.names[0], "train0000.tfrecord");
    ck_assert(find(&shards, PARTITION_TRAIN, LEVEL_FRAME));
    ck_assert_str_eq(shards.names[0], "train00.tfrecord");
    ck_assert(find(&shards, PARTITION_TRAIN, LEVEL_SEGMENT)); // meant to be that of 2/frame
    ck_assert_str_eq(shards.names[0], "train00.tfrecord");
    ck_assert(find(&shards, PARTITION_VALIDATE, LEVEL_SEGMENT));
    ck_assert_str_eq(shards.names[0], "validate0001.tfrecord");
    ck_assert(!find(&shards, PARTITION_TRAIN, LEVEL_ANY));
    ck_assert_int_eq(failure.code, EX_USAGE);
    ck_assert_ptr_nonnull(strstr(failure.message, "both have shards; choose one with --level"));
}
END_TEST

START_TEST(a_flat_folder_has_the_partitions_that_its_names_say_sorted)
{
    ShardList shards;
    touch("validateb0.tfrecord", 1);
    touch("validateaa.tfrecord", 1);
    touch("validateZ9.tfrecord.gz", 1);
    touch("validate.csv", 1);
    touch("validatexx.tfrecord/inside", 1); // a folder
    ck_assert(find(&shards, PARTITION_VALIDATE, LEVEL_ANY));
    ck_assert_uint_eq(shards.count, 3);
    ck_assert_str_eq(shards.names[0], "validateZ9.tfrecord.gz"); // by bytes, whatever the locale
    ck_assert_str_eq(shards.names[1], "validateaa.tfrecord");
    ck_assert_str_eq(shards.names[2], "validateb0.tfrecord");
    ck_assert(!find(&shards, PARTITION_TEST, LEVEL_ANY));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
    ck_assert_ptr_nonnull(strstr(failure.message, "no shards test*.tfrecord"));
    ck_assert_ptr_nonnull(strstr(failure.message, "there are 3 of validate"));
}
END_TEST

START_TEST(a_folder_that_is_empty_or_missing_or_a_file_is_refused_in_one_line)
{
    ShardList shards;
    ck_assert(!find(&shards, PARTITION_TRAIN, LEVEL_ANY));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
    ck_assert_ptr_nonnull(strstr(failure.message, "there are none at all"));
    failure = (Failure){ 0 };
    ck_assert(!layout_shards(&shards, "/nowhere", PARTITION_TRAIN, LEVEL_ANY, &arena, &failure));
    ck_assert_str_eq(failure.message, "/nowhere: No such file or directory");
    failure = (Failure){ 0 };
    ck_assert(!layout_shards(&shards, "/dev/null", PARTITION_TRAIN, LEVEL_ANY, &arena, &failure));
    ck_assert_str_eq(failure.message, "/dev/null: not a folder; name the folder of the dataset");
}
END_TEST

START_TEST(an_indexed_shard_is_located_by_name_and_size)
{
    const char *folder;
    touch("2/video/train/train0000.tfrecord", 10);
    touch("2/frame/train/train0000.tfrecord", 20);
    ck_assert(
        layout_locate(&folder, root, PARTITION_TRAIN, "train0000.tfrecord", 20, &arena, &failure));
    ck_assert_str_eq(folder + strlen(root), "/2/frame/train");
    ck_assert(
        !layout_locate(&folder, root, PARTITION_TRAIN, "train0000.tfrecord", 30, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
}
END_TEST

START_TEST(tables_are_found_beside_the_shards)
{
    const char *path;
    touch("3/vocabulary.csv", 1);
    ck_assert(layout_table(&path, root, "vocabulary.csv", &arena, &failure));
    ck_assert(!layout_table(&path, root, "segment_label_ids.csv", &arena, &failure));
    ck_assert_int_eq(failure.code, EX_NOINPUT);
}
END_TEST

int main(void)
{
    temporary_begin();
    TCase *tests = tcase_create("layout");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, official_layouts_are_found_by_level);
    tcase_add_test(tests, a_flat_folder_has_the_partitions_that_its_names_say_sorted);
    tcase_add_test(tests, a_folder_that_is_empty_or_missing_or_a_file_is_refused_in_one_line);
    tcase_add_test(tests, an_indexed_shard_is_located_by_name_and_size);
    tcase_add_test(tests, tables_are_found_beside_the_shards);
    int failed = run_case("layout", tests);
    temporary_end();
    return failed;
}
