/* Rows of CSV: the direct scan gives the fields that libcsv gives. */
#include "common/rank/csv_reader.h"

#include <stdint.h>
#include <unistd.h>
#include "unit/golden_rank.h"

static Failure failure;

/* All rows of a text, one field a line, rows ended by ";": what a reader made of it. */
static void describe(const char *path, size_t direct_from, char *to, size_t room)
{
    CsvReader reader;
    size_t at = 0;
    failure = (Failure){ 0 };
    *to = 0;
    if (csv_open(&reader, path, "a,b", &failure)) {
        reader.direct_from = direct_from;
        while (csv_next(&reader, &failure))
            at += (size_t)snprintf(to + at, room - at, "%zu[%.*s][%.*s]\n", reader.line,
                                   (int)reader.fields[0].length, reader.fields[0].text,
                                   (int)reader.fields[1].length, reader.fields[1].text);
    }
    snprintf(to + at, room - at, "%d %s", failure.code, failure.message);
    csv_close(&reader);
}

static const char *const texts[] = {
    "a,b\n1,2\n3,4\n",
    "a,b\r\n1,2\r\n3,4",
    "a,b\r1,2\r\r3,4\r",
    "\xef\xbb\xbf"
    "a,b\n\n\n  \t\n1,2\n \n3,\n,4\n,\n",
    "a,b\n 1 ,\t2 2  \n  ,  \n",
    "a,b\n1,2,3\n",
    "a,b\n1\n",
    "a,b\n\"1,\"\"x\",2\n3,4\n\"5\n6\",7\n8,9",
    "a,b\n\"1\",2\"\n",
    "a,b\n\"1",
    "a , b\nx,y\n",
    "a,b\n1,2\n   ",
    "a,b\n1,2\n3",
};

START_TEST(the_direct_scan_gives_the_fields_of_libcsv)
{
    static char direct[4096], parsed[4096];
    const char *path = text_file("rows.csv", texts[_i]);
    describe(path, 0, direct, sizeof direct);
    describe(path, SIZE_MAX, parsed, sizeof parsed);
    ck_assert_str_eq(direct, parsed);
    unlink(path);
}
END_TEST

/* Random tables of the bytes that matter. */
START_TEST(the_direct_scan_gives_the_fields_of_libcsv_for_random_bytes)
{
    static const char bytes[] = "abc,,,  \t\n\n\r\"";
    static char direct[1 << 16], parsed[1 << 16];
    uint64_t state = (uint64_t)_i + 1;
    for (int table = 0; table < 200; table++) {
        char text[256] = "a,b\n";
        for (size_t i = 4; i < 60; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text[i] = bytes[(state >> 33) % (sizeof bytes - 1 - (table % 4 != 0))];
        }
        const char *path = text_file("random.csv", text);
        describe(path, 0, direct, sizeof direct);
        describe(path, SIZE_MAX, parsed, sizeof parsed);
        ck_assert_msg(strcmp(direct, parsed) == 0, "%s\n-- %s\n-- %s", text, direct, parsed);
        unlink(path);
    }
}
END_TEST

START_TEST(quoted_fields_keep_their_commas_and_newlines_and_lines_are_counted)
{
    static char rows[4096];
    const char *path = text_file("quoted.csv", "a,b\n\"1,\"\"x\",2\n\"5\n6\",7\n8,9");
    describe(path, CSV_DIRECT_BYTES, rows, sizeof rows);
    ck_assert_str_eq(rows, "2[1,\"x][2]\n3[5\n6][7]\n5[8][9]\n0 ");
    unlink(path);
}
END_TEST

/* A long row, which is scanned directly, among short and quoted ones. */
START_TEST(rows_are_read_again_at_their_places_in_any_order)
{
    static char text[20000] = "a,b\n\"1\n1\",2\n3,";
    CsvReader reader;
    CsvPlace places[4];
    static const size_t lines[] = { 2, 4, 5, 7 }, lengths[] = { 1, 9000, 1, 3 };
    failure = (Failure){ 0 };
    memset(text + strlen(text), 'x', 9000);
    strcat(text, "\n4,4\n\n5,555");
    const char *path = text_file("places.csv", text);
    ck_assert(csv_open(&reader, path, "a,b", &failure));
    for (size_t i = 0; i < 4; i++) {
        ck_assert(csv_next(&reader, &failure));
        places[i] = csv_place(&reader);
        ck_assert_uint_eq(places[i].line, lines[i]);
    }
    for (size_t i = 0; i < 12; i++) {
        size_t row = i * 7 % 4;
        ck_assert_msg(csv_read_at(&reader, places[row], &failure), "%s", failure.message);
        ck_assert_uint_eq(reader.line, lines[row]);
        ck_assert_uint_eq(reader.fields[1].length, lengths[row]);
        ck_assert_uint_eq(csv_place(&reader).offset, places[row].offset);
    }
    ck_assert(csv_read_at(&reader, places[2], &failure));
    ck_assert(csv_next(&reader, &failure)); // and on from there
    ck_assert_uint_eq(reader.line, 7);
    csv_close(&reader);
    unlink(path);
}
END_TEST

START_TEST(a_place_behind_the_end_is_of_a_file_that_changed)
{
    CsvReader reader;
    const char *path = text_file("shorter.csv", "a,b\n1,2\n");
    failure = (Failure){ 0 };
    ck_assert(csv_open(&reader, path, "a,b", &failure));
    ck_assert(!csv_read_at(&reader, (CsvPlace){ 8, 3, 0 }, &failure));
    ck_assert_int_eq(failure.code, EX_TEMPFAIL);
    ck_assert_ptr_nonnull(strstr(failure.message, "shorter.csv: became shorter while it was read"));
    failure = (Failure){ 0 };
    ck_assert(csv_read_at(&reader, (CsvPlace){ 4, 2, 3 }, &failure));
    ck_assert(!csv_read_at(&reader, (CsvPlace){ 4, 2, 2 }, &failure)); // no row ends there now
    ck_assert_int_eq(failure.code, EX_TEMPFAIL);
    ck_assert_ptr_nonnull(strstr(failure.message, "shorter.csv:2: changed while it was read"));
    csv_close(&reader);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv_reader");
    TCase *cases = tcase_create("csv_reader");
    tcase_add_loop_test(cases, the_direct_scan_gives_the_fields_of_libcsv, 0,
                        sizeof texts / sizeof *texts);
    tcase_add_loop_test(cases, the_direct_scan_gives_the_fields_of_libcsv_for_random_bytes, 0, 5);
    tcase_add_test(cases, quoted_fields_keep_their_commas_and_newlines_and_lines_are_counted);
    tcase_add_test(cases, rows_are_read_again_at_their_places_in_any_order);
    tcase_add_test(cases, a_place_behind_the_end_is_of_a_file_that_changed);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
