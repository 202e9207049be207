/* Vocabulary: RFC 4180 as the dataset's tables use it, and lines that are refused by their number. */
#include "common/base/file.h"
#include "common/data/vocabulary.h"
#include "suite.h"
#include "temporary.h"

#include <string.h>

static Arena arena;
static Failure failure;
static Vocabulary vocabulary;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 26, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

static const char *write_text(const char *text)
{
    const char *path = temporary_path("v.csv", 0);
    failure = (Failure){ 0 };
    ck_assert(file_write(path, text, strlen(text), &failure));
    return path;
}

static bool reads(const char *text)
{
    return vocabulary_read(&vocabulary, write_text(text), &arena, &failure);
}

START_TEST(rows_are_found_by_index_and_columns_by_name)
{
    ck_assert_msg(reads("Index,TrainVideoCount,KnowledgeGraphId,Name,WikiUrl,Vertical1,Vertical2,"
                        "Vertical3,WikiDescription\n"
                        "2,20,/m/2,Caf\u00e9,,Food,,,\"one, \"\"two\"\"\nthree\"\r\n"
                        "0,30,/m/0,,http://x,Games,Arts,Autos,\n"
                        "1,10,/m/1,\"a, b\",,Games,,,"),
                  "%s", failure.message);
    ck_assert_uint_eq(vocabulary.count, 3);
    const VocabularyClass *class = vocabulary_class(&vocabulary, 2);
    ck_assert_str_eq(class->name, "Caf\u00e9");
    ck_assert_uint_eq(class->train_videos, 20);
    ck_assert_str_eq(vocabulary_class(&vocabulary, 1)->name, "a, b");
    ck_assert_str_eq(vocabulary_class(&vocabulary, 0)->verticals[2], "Autos");
    ck_assert_str_eq(vocabulary_class(&vocabulary, 0)->name, "");
    ck_assert_ptr_null(vocabulary_class(&vocabulary, 3));
}
END_TEST

START_TEST(a_segment_vocabulary_has_counts_of_segments)
{
    ck_assert(
        reads("\xef\xbb\xbfIndex,KnowledgeGraphId,Name,PositiveSegmentCount,TotalSegmentCount\n"
              "3,/m/3,x,25,200\n"));
    ck_assert_uint_eq(vocabulary.classes[0].positive_segments, 25);
    ck_assert_uint_eq(vocabulary.classes[0].segments, 200);
    ck_assert_uint_eq(vocabulary.classes[0].train_videos, 0);
}
END_TEST

static void refused(const char *text, const char *message)
{
    ck_assert(!reads(text));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, message));
}

START_TEST(damaged_tables_are_refused_by_line)
{
    refused("Name\nx\n", "v.csv:1: no column Index; not a vocabulary");
    refused("Index,Name\n1,a\n2\n", "v.csv:3: 1 fields; the header has 2");
    refused("Index,Name\n1,\"a\nb\"\nx,c\n", "v.csv:4: Index is no class: \"x\"");
    refused("Index,Name\n-1,a\n", "v.csv:2: Index is no class: \"-1\"");
    refused("Index,Name\n99999999999999999999,a\n", "v.csv:2: Index is no class");
    refused("Index,Name\n1,a\n1,b\n", "v.csv: class 1 is there twice");
    refused("Index,Name\n1,\"a\n", "v.csv:2: ");
    refused("Index,Name\n", "v.csv: has no classes");
    refused("", "v.csv: has no classes");
    refused("Index,TrainVideoCount\n1,many\n", "v.csv:2: TrainVideoCount is no count: \"many\"");
}
END_TEST

START_TEST(segment_classes_are_the_lines_that_are_whole_numbers)
{
    uint32_t *classes;
    size_t count;
    const char *path = write_text("Index\n7\r\n3\n\n 12 \n9\n1.5\n3");
    ck_assert(segment_classes_read(&classes, &count, path, &arena, &failure));
    ck_assert_uint_eq(count, 4);
    ck_assert_uint_eq(classes[3], 12);
    ck_assert_uint_eq(classes[0], 3);
    ck_assert_uint_eq(classes[1], 7);
    ck_assert_uint_eq(classes[2], 9);
    ck_assert(!segment_classes_read(&classes, &count, write_text("Index\n"), &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("vocabulary");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, rows_are_found_by_index_and_columns_by_name);
    tcase_add_test(tests, a_segment_vocabulary_has_counts_of_segments);
    tcase_add_test(tests, damaged_tables_are_refused_by_line);
    tcase_add_test(tests, segment_classes_are_the_lines_that_are_whole_numbers);
    temporary_begin();
    int failed = run_case("vocabulary", tests);
    temporary_end();
    return failed;
}
