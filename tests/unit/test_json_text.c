/* JSON text: what is printed is read again by jansson, which refuses what is not UTF-8. */
#include "common/base/json_text.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t size;
static FILE *to;

static void setup(void)
{
    to = open_memstream(&text, &size);
}

static void teardown(void)
{
    free(text);
}

/* What was printed. */
static const char *printed(void)
{
    fclose(to);
    return text;
}

START_TEST(any_two_bytes_give_json)
{
    for (unsigned i = 0; i < 65536; i++) {
        char bytes[] = { (char)(i >> 8), (char)i };
        rewind(to);
        json_text_string(to, bytes, 2);
        fflush(to);
        json_t *value = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        ck_assert_msg(value != NULL, "%x", i);
        json_decref(value);
    }
    fclose(to);
}
END_TEST

START_TEST(utf_8_stays_and_anything_else_becomes_the_replacement_character)
{
    // RFC 3629: a two-, a three- and a four-byte character; then an overlong slash, a surrogate, a
    // character above the last, a lead byte alone at the end
    const char bytes[] =
        "\xc3\xa4\xe4\xb8\x96\xf0\x9f\x8e\xac|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xe4\xb8";
    json_text_string(to, bytes, sizeof bytes - 1);
#define R "\xef\xbf\xbd"
    ck_assert_str_eq(printed(),
                     "\"\xc3\xa4\xe4\xb8\x96\xf0\x9f\x8e\xac|" R R "|" R R R "|" R R R R "|" R R
                     "\"");
}
END_TEST

START_TEST(quotes_and_controls_are_escaped)
{
    json_text_string(to, "a\"\\\b\f\n\r\t\0\x1f\x7f/", 12);
    ck_assert_str_eq(printed(), "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f/\"");
}
END_TEST

START_TEST(numbers_are_as_short_as_they_can_be_and_read_the_same)
{
    const float floats[] = { 0, 1, -2.5f, 0.3f, 1e30f, 16777216, 1.1754944e-38f, 0.1f + 0.2f };
    const char *const texts[] = { "0.0",   "1.0",        "-2.5",         "0.3",
                                  "1e+30", "16777216.0", "1.1754944e-38" };
    for (size_t i = 0; i < 8; i++) {
        rewind(to);
        json_text_float(to, floats[i]);
        putc(0, to);
        fflush(to);
        ck_assert_float_eq(strtof(text, NULL), floats[i]);
        if (i < 7)
            ck_assert_str_eq(text, texts[i]);
    }
    rewind(to);
    json_text_double(to, 0.1);
    json_text_float(to, NAN);
    json_text_double(to, -INFINITY);
    putc(0, to);
    ck_assert_str_eq(printed(), "0.1nullnull");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_text");
    TCase *tests = tcase_create("json_text");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, any_two_bytes_give_json);
    tcase_add_test(tests, utf_8_stays_and_anything_else_becomes_the_replacement_character);
    tcase_add_test(tests, quotes_and_controls_are_escaped);
    tcase_add_test(tests, numbers_are_as_short_as_they_can_be_and_read_the_same);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
