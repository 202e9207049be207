/* Reports: what is read, what is escaped, what is drawn. Expected texts are worked by hand. */
#include "common/base/file.h"
#include "common/report/report.h"
#include "common/report/table.h"
#include "tests/suite.h"
#include "tests/temporary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Arena arena;
static Failure failure;
static char folder[64];

static void open_all(void)
{
    ck_assert(arena_open(&arena, (size_t)1 << 30, &failure));
    temporary_make(folder, sizeof folder);
}

static void close_all(void)
{
    arena_close(&arena);
    failure = (Failure){ 0 };
}

/* A file of the test's folder with these words. */
static const char *file_of(const char *name, const char *words)
{
    const char *path = arena_format(&arena, &failure, "%s/%s", folder, name);
    ck_assert(file_write(path, words, strlen(words), &failure));
    return path;
}

static bool says(const char *words)
{
    return strstr(failure.message, words) != NULL;
}

START_TEST(what_html_would_interpret_is_escaped)
{
    Text text = text_begin(&arena);
    text_html(&text, "<b a=\"1\">&'\n");
    ck_assert_str_eq(text.bytes, "&lt;b a=&quot;1&quot;&gt;&amp;&#39; ");
}
END_TEST

START_TEST(what_markdown_would_interpret_is_escaped)
{
    Text text = text_begin(&arena);
    text_markdown(&text, "a|b_c*<x>`");
    ck_assert_str_eq(text.bytes, "a&#124;b&#95;c&#42;&lt;x&gt;&#96;");
}
END_TEST

START_TEST(a_text_grows_beyond_its_first_memory_and_keeps_all)
{
    Text text = text_begin(&arena);
    for (int i = 0; i < 5000; i++)
        text_add(&text, "%04d", i);
    ck_assert_uint_eq(text.size, 20000);
    ck_assert_mem_eq(text.bytes + 4 * 4321, "4321", 4);
    ck_assert_mem_eq(text.bytes, "0000", 4);
}
END_TEST

START_TEST(metrics_are_read_alone_and_by_name)
{
    Scores scores;
    ck_assert(scores_begin(&scores, &arena, &failure));
    ck_assert(scores_read(
        &scores, file_of("moe-metrics.json", "{\"metric\":\"gap\",\"top\":20,\"gap\":0.5}"), &arena,
        &failure));
    ck_assert(scores_read(&scores, file_of("all.json", "{\"a\":{\"gap\":1},\"b\":{\"map\":0}}"),
                          &arena, &failure));
    ck_assert_uint_eq(scores.count, 3);
    ck_assert_str_eq(scores.rows[0].name, "moe-metrics");
    ck_assert_double_eq(scores.rows[0].value[METRIC_GAP], 0.5);
    ck_assert(isnan(scores.rows[0].value[METRIC_MAP]));
    ck_assert_str_eq(scores.rows[2].name, "b");
}
END_TEST

START_TEST(a_metric_that_is_no_share_is_refused_by_name)
{
    Scores scores;
    ck_assert(scores_begin(&scores, &arena, &failure));
    ck_assert(
        !scores_read(&scores, file_of("m.json", "{\"moe\":{\"gap\":\"0.5\"}}"), &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(says("\"gap\" of moe is no number from 0 to 1"));
}
END_TEST

START_TEST(metrics_that_are_cut_off_are_refused_by_line_and_column)
{
    Scores scores;
    ck_assert(scores_begin(&scores, &arena, &failure));
    ck_assert(!scores_read(&scores, file_of("m.json", "{\"gap\":\n 0.5"), &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(says("m.json:2:4: "));
}
END_TEST

START_TEST(a_table_with_an_empty_field_has_no_number_there)
{
    NumberTable table;
    ck_assert(
        number_table_read(&table, file_of("c.csv", "a,b\r\n1,\r\n2,3.5\r\n"), &arena, &failure));
    ck_assert_uint_eq(table.rows, 2);
    ck_assert(isnan(number_table_column(&table, "b")[0]));
    ck_assert_double_eq(number_table_column(&table, "b")[1], 3.5);
    ck_assert_ptr_null(number_table_column(&table, "c"));
}
END_TEST

START_TEST(a_row_that_misses_a_field_is_refused_by_line)
{
    NumberTable table;
    ck_assert(!number_table_read(&table, file_of("c.csv", "a,b\n1,2\n3\n"), &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(says("c.csv:3:1: fewer fields than the header has"));
}
END_TEST

START_TEST(a_misspelt_field_of_a_page_is_refused_by_line)
{
    Page page = { 0 };
    ck_assert(
        !page_read(&page, file_of("p.page", "title = T\n[moe]\nlable = M\n"), &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(says("p.page:3: a row has no field \"lable\""));
}
END_TEST

START_TEST(a_row_of_the_page_without_metrics_is_refused)
{
    Report report;
    const char *metrics[] = { file_of("m.json", "{\"moe\":{\"gap\":0.5}}") };
    ReportFiles files = { .page = file_of("p.page", "title = T\n[logistic]\n"),
                          .metrics = { metrics, 1 } };
    ck_assert(!report_gather(&report, &files, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(says("no metrics of [logistic]"));
}
END_TEST

START_TEST(rows_stand_in_the_pages_order_with_what_was_published)
{
    Report report;
    Text text = text_begin(&arena);
    const char *metrics[] = { file_of(
        "m.json", "{\"a-metrics\":{\"gap\":0.5,\"top\":20},\"b\":{\"gap\":0.25,\"top\":20}}") };
    ReportFiles files = {
        .page = file_of("p.page", "title = T\n[b]\nlabel = B|\npublished = x\n[a]\n"),
        .published = file_of("n.csv", "Row,Metric,Value,Source\nx,gap,0.875,\"a, paper\"\n"),
        .metrics = { metrics, 1 }
    };
    ck_assert(report_gather(&report, &files, &arena, &failure));
    report_markdown(&report, &text);
    ck_assert_ptr_nonnull(
        strstr(text.bytes,
               "| model | GAP@20 | published | parameters | epochs |\n"
               "| --- | ---: | ---: | ---: | ---: |\n"
               "| B&#124; | 0.25000 | 0.87500 | \xe2\x80\x93 | \xe2\x80\x93 |\n"
               "| a | **0.50000** | \xe2\x80\x93 | \xe2\x80\x93 | \xe2\x80\x93 |\n"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "Published, B&#124;: a, paper"));
}
END_TEST

/* Of a metric without a column here, too; and weights, which are no scores. */
START_TEST(tables_have_headings_and_published_numbers_beside_their_columns)
{
    Report report;
    Text text = text_begin(&arena);
    const char *metrics[] = { file_of("m.json",
                                      "{\"a\":{\"parts\":{\"public\":{\"map\":0.5}}},\"b\":{"
                                      "\"parts\":{\"public\":{\"map\":0.25}}},"
                                      "\"c\":{\"parts\":{\"public\":{\"map\":0.375}}}}") };
    ReportFiles files = {
        .page = file_of("p.page",
                        "title = T\n[a]\ntable = One\npublished = x\n[b]\n"
                        "[c]\ntable = Two\npublished = x\n"),
        .published = file_of("n.csv",
                             "Row,Metric,Value,Source\nx,map-public,0.75,S\nx,gap,0.625,S\n"
                             "x,weight,0.0625,S\n"),
        .weights = file_of("w.json",
                           "{\"kind\":\"weights\",\"format\":1,\"fusion\":\"ranks\",\"w0\":1,"
                           "\"weights\":{\"a\":3,\"c\":1}}"),
        .metrics = { metrics, 1 },
        .seed_metrics = { metrics, 1 } // what has the first seed is the same run once more
    };
    ck_assert_msg(report_gather(&report, &files, &arena, &failure), "%s", failure.message);
    ck_assert_uint_eq(report.runs, 1);
    report_markdown(&report, &text);
    ck_assert_ptr_nonnull(
        strstr(text.bytes,
               "## One\n\n| model | MAP public | published | weight | published | published | "
               "parameters | "
               "epochs |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
               "| a | **0.50000** | 0.75000 | 0.75000 | 0.06250 | GAP 0.62500 | "));
    ck_assert_ptr_nonnull(strstr(text.bytes, "| b | 0.25000 | \xe2\x80\x93 | \xe2\x80\x93 | "));
    ck_assert_ptr_nonnull(strstr(text.bytes, "\n\n## Two\n\n| model | "));
    ck_assert_ptr_nonnull(strstr(text.bytes, "| c | 0.37500 | 0.75000 | 0.25000 | 0.06250 | "));
    text = text_begin(&arena);
    ck_assert(report_html(&report, &text, &failure));
    ck_assert_ptr_nonnull(strstr(text.bytes, "<h2>Two</h2>\n<table class=\"cards\">"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "0.50000</td><td data-of=\"published\">0.75000</td>"));
}
END_TEST

START_TEST(a_page_that_is_wrong_is_refused_by_line)
{
    static const char *const pages[][2] = {
        { "[a]\n[claim c]\ntext = T\nbetter = a\nworse = b\n",
          "p.page:5: the page lacks one of the rows \"b\"" },
        { "[claim c]\ntext = T\nbetter = z\nworse = a\n[a]\n",
          "p.page:3: the page has no row \"z\"" },
        { "[a]\n[claim c]\nbetter = a\nworse = a\n", "p.page:2: no text in claim \"c\"" },
        { "[a]\n[claim c]\ntext = T\nbetter = a\n", "p.page:2: give better and worse" },
        { "[a]\n[claim c]\ntext = T\nbetter = a\nworse = a\nno-worse-than = a\n",
          "p.page:2: give better and worse" },
        { "[a]\n[claim c]\ntext = T\nrow = a\nbetween = 0.8 0.6\n",
          "p.page:5: a range is LOW HIGH, not \"0.8 0.6\"" },
        { "[a]\n[claim c]\ntext = T\nbetter = a\nworse = a\npart = hidden\n",
          "p.page:6: a part is public or private, not \"hidden\"" },
        { "[a]\n[claim c]\n[claim c]\n", "p.page:3: a second claim \"c\"" },
        { "[a]\n[claim c]\nlabel = x\n", "p.page:3: a claim has no field \"label\"" },
        { "[a]\ncontrol-of = b\n", "p.page:2: the page has no row \"b\"" },
    };
    Page page = { 0 };
    ck_assert(!page_read(&page, file_of("p.page", pages[_i][0]), &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_msg(says(pages[_i][1]), "%s", failure.message);
}
END_TEST

/* Three runs: b - a is 0.03, 0.05, 0.04; b - k is 0.01, -0.02, 0.01. */
static const char *const run_texts[] = {
    "{\"a\":{\"metric\":\"map\",\"parts\":{\"private\":{\"map\":0.50}}},"
    "\"b\":{\"parts\":{\"private\":{\"map\":0.53,\"ratings\":1000},\"public\":{\"map\":0.25}}},"
    "\"k\":{\"parts\":{\"private\":{\"map\":0.52}}}}",
    "{\"a\":{\"parts\":{\"private\":{\"map\":0.60}}},\"b\":{\"parts\":{\"private\":{\"map\":0.65}}}"
    ","
    "\"k\":{\"parts\":{\"private\":{\"map\":0.67}}}}",
    "{\"a\":{\"parts\":{\"private\":{\"map\":0.70}}},\"b\":{\"parts\":{\"private\":{\"map\":0.74}}}"
    ","
    "\"k\":{\"parts\":{\"private\":{\"map\":0.73}}}}",
};
static const char claims_page[] =
    "title = T\n[a]\npublished = x/a\n[b]\npublished = x/b\n[k]\ncontrol-of = b\n"
    "[claim one]\ntext = B is better.\nbetter = b\nworse = a\npart = private\ncontrol = k\n"
    "[claim two]\ntext = Within.\nrow = a\nbetween = 0.45 0.65\npart = private\n";

static void gather_claims_of(Report *report, size_t runs)
{
    const char **metrics, **others;
    ck_assert(arena_array(&arena, metrics, 1, &failure));
    ck_assert(arena_array(&arena, others, 3, &failure));
    for (size_t i = 0; i < 3; i++)
        others[i] = file_of(i == 0 ? "m0.json" : i == 1 ? "m1.json" : "m2.json", run_texts[i]);
    metrics[0] = others[0];
    ReportFiles files = { .page = file_of("p.page", claims_page),
                          .published = file_of("n.csv",
                                               "Row,Metric,Value,Source\nx/a,map,0.7,S\n"
                                               "x/b,map,0.725,S\n"),
                          .metrics = { metrics, 1 },
                          .seed_metrics = { others, runs } };
    ck_assert_msg(report_gather(report, &files, &arena, &failure), "%s", failure.message);
}

START_TEST(claims_are_judged_from_paired_differences_of_all_runs)
{
    Report report;
    Text text = text_begin(&arena);
    gather_claims_of(&report, 3); // the first is the report's own once more, and counts once
    ck_assert_uint_eq(report.runs, 3);
    report_markdown(&report, &text);
    ck_assert_ptr_nonnull(
        strstr(text.bytes, "| +0.0400 | 0.0100 | 3 of 3 | +0.0250 | **holds** |"));
    ck_assert_ptr_nonnull(strstr(
        text.bytes, "| 0.0000 | 0.0173 | 2 of 3 | \xe2\x80\x93 | not shown (below 0.0100) |"));
    ck_assert_ptr_nonnull(
        strstr(text.bytes, "| 0.6000 | 0.1000 | 2 of 3 | 0.7000 | **not shown** |"));
    ck_assert_ptr_nonnull(strstr(text.bytes,
                                 "| a | \xe2\x80\x93 | \xe2\x80\x93 | 0.50000 | "
                                 "0.6000 \xc2\xb1 0.1000 | MAP"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "| \xe2\x86\xb3 k |"));
}
END_TEST

START_TEST(one_run_shows_no_difference_but_a_range)
{
    Report report;
    Text text = text_begin(&arena);
    gather_claims_of(&report, 0);
    report_markdown(&report, &text);
    ck_assert_ptr_nonnull(strstr(text.bytes,
                                 "| +0.0300 | \xe2\x80\x93 | 1 of 1 | +0.0250 | "
                                 "**not shown** (one run; make seeds N=3) |"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "| 1 of 1 | 0.7000 | **holds** |"));
}
END_TEST

START_TEST(a_row_that_another_run_lacks_is_named)
{
    Report report;
    const char *metrics[] = { file_of("m.json", "{\"a\":{\"map\":0.5},\"b\":{\"map\":0.5}}") };
    const char *others[] = { file_of("s.json", "{\"a\":{\"map\":0.5}}") };
    ReportFiles files = { .page = file_of("p.page", "[a]\n[b]\n"),
                          .metrics = { metrics, 1 },
                          .seed_metrics = { others, 1 } };
    ck_assert(!report_gather(&report, &files, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert(says("s.json: no metrics of [b] in this run"));
}
END_TEST

START_TEST(a_report_without_scores_shows_dashes_and_says_who_judges)
{
    Report report;
    Text text = text_begin(&arena);
    ReportFiles files = { .page = file_of("p.page", claims_page),
                          .published = file_of("n.csv",
                                               "Row,Metric,Value,Source\nx/a,map,0.7,S\n"
                                               "x/b,map,0.725,S\n") };
    ck_assert_msg(report_gather(&report, &files, &arena, &failure), "%s", failure.message);
    report_markdown(&report, &text);
    ck_assert_ptr_nonnull(strstr(text.bytes, "| a | \xe2\x80\x93 | 0.70000 |"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "site judges the submission"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "**not shown** (no scores)"));
}
END_TEST

/* Nine curves of one group: eight in a plot, the ninth in the next; twice the same page. */
START_TEST(a_group_of_many_curves_goes_on_in_another_plot)
{
    const char *curves[9], *metrics[] = { file_of("m.json", "{\"a\":{\"map\":0.5}}") };
    Report report;
    Text one = text_begin(&arena), two = text_begin(&arena);
    for (int i = 0; i < 9; i++) {
        const char *name = arena_format(&arena, &failure, "a%s.curve.csv", i ? "-scores" : "");
        name = arena_format(&arena, &failure, "%d/%s", i, name);
        const char *inside = arena_format(&arena, &failure, "%s/%d", folder, i);
        ck_assert_int_eq(mkdir(inside, 0700), 0);
        curves[i] = file_of(name, "samples,loss\n1,3\n2,2\n");
    }
    ReportFiles files = { .page = file_of("p.page", "[a]\ngroup = G\n"),
                          .metrics = { metrics, 1 },
                          .curves = { curves, 9 } };
    ck_assert_msg(report_gather(&report, &files, &arena, &failure), "%s", failure.message);
    ck_assert_uint_eq(report.plot_count, 2);
    ck_assert_uint_eq(report.plots[0].line_count, 8);
    ck_assert_str_eq(report.plots[1].title, "Training loss: G");
    ck_assert_msg(report_html(&report, &one, &failure), "%s", failure.message);
    ck_assert(report_html(&report, &two, &failure));
    ck_assert_str_eq(one.bytes, two.bytes);
}
END_TEST

START_TEST(classes_of_several_models_stand_in_the_first_ones_order)
{
    Report report;
    const char *metrics[] = { file_of("m.json", "{\"a\":{\"map\":0.5}}") };
    const char *classes[] = {
        file_of("a.classes.csv",
                "Class,AveragePrecision-public,AveragePrecision-private\n"
                "3,1,0.25\n5,,0.75\n7,1,\n"),
        file_of("b.classes.csv",
                "Class,AveragePrecision-public,AveragePrecision-private\n"
                "3,1,0.5\n9,1,1\n"),
    };
    ReportFiles files = { .metrics = { metrics, 1 }, .per_class = { classes, 2 } };
    ck_assert_msg(report_gather(&report, &files, &arena, &failure), "%s", failure.message);
    ck_assert_uint_eq(report.plots[0].lines[0].count, 2); // class 7 has no value there
    ck_assert_double_eq(report.plots[0].lines[0].y[0], 0.75);
    ck_assert(isnan(report.plots[0].lines[1].y[0]));
    ck_assert_double_eq(report.plots[0].lines[1].y[1], 0.5);
}
END_TEST

START_TEST(a_label_can_not_add_elements_to_the_html)
{
    Report report;
    Text text = text_begin(&arena);
    const char *metrics[] = { file_of("m.json", "{\"a\":{\"gap\":0.5}}") };
    ReportFiles files = { .page = file_of("p.page", "title = <script>\n[a]\nlabel = </table>\n"),
                          .metrics = { metrics, 1 } };
    ck_assert(report_gather(&report, &files, &arena, &failure));
    ck_assert(report_html(&report, &text, &failure));
    ck_assert_ptr_null(strstr(text.bytes, "<script>"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "&lt;/table&gt;"));
}
END_TEST

START_TEST(counts_have_groups_of_three_digits)
{
    char text[64];
    ck_assert_str_eq(report_count_text("52260630", text), "52,260,630");
    ck_assert_str_eq(report_count_text("630", text), "630");
    ck_assert_str_eq(report_count_text(NULL, text), "\xe2\x80\x93");
}
END_TEST

/* Draw twice what a page would, with a name that would end gnuplot's string. */
START_TEST(a_plot_has_the_same_bytes_twice_and_the_pages_colours)
{
    const double x[] = { 1, 2, 3 }, y[] = { 3, NAN, 1 };
    Plot plot = { "p", "T", "it's x", "y", .lines = { { "l", x, y, 3 } }, .line_count = 1 };
    Text one = text_begin(&arena), two = text_begin(&arena);
    ck_assert_msg(plot_draw(&plot, &one, &failure), "%s", failure.message);
    ck_assert(plot_draw(&plot, &two, &failure));
    ck_assert_str_eq(one.bytes, two.bytes);
    ck_assert_ptr_nonnull(strstr(one.bytes, "var(--line-1)"));
    ck_assert_ptr_nonnull(strstr(one.bytes, "it's x"));
    ck_assert_ptr_null(strstr(one.bytes, "rgb("));
    ck_assert_ptr_null(strstr(one.bytes, "<?xml"));
}
END_TEST

START_TEST(a_plot_without_a_point_is_left_out)
{
    const double x[] = { 1 }, y[] = { NAN };
    Plot plot = { "p", "T", "x", "y", .lines = { { "l", x, y, 1 } }, .line_count = 1 };
    Text text = text_begin(&arena);
    ck_assert(plot_draw(&plot, &text, &failure));
    ck_assert_uint_eq(text.size, 0);
}
END_TEST

int main(void)
{
    temporary_begin();
    TCase *facts = tcase_create("facts");
    tcase_add_checked_fixture(facts, open_all, close_all);
    tcase_add_test(facts, what_html_would_interpret_is_escaped);
    tcase_add_test(facts, what_markdown_would_interpret_is_escaped);
    tcase_add_test(facts, a_text_grows_beyond_its_first_memory_and_keeps_all);
    tcase_add_test(facts, metrics_are_read_alone_and_by_name);
    tcase_add_test(facts, a_metric_that_is_no_share_is_refused_by_name);
    tcase_add_test(facts, metrics_that_are_cut_off_are_refused_by_line_and_column);
    tcase_add_test(facts, a_table_with_an_empty_field_has_no_number_there);
    tcase_add_test(facts, a_row_that_misses_a_field_is_refused_by_line);
    tcase_add_test(facts, a_misspelt_field_of_a_page_is_refused_by_line);
    tcase_add_test(facts, a_row_of_the_page_without_metrics_is_refused);
    tcase_add_test(facts, rows_stand_in_the_pages_order_with_what_was_published);
    tcase_add_test(facts, tables_have_headings_and_published_numbers_beside_their_columns);
    tcase_add_loop_test(facts, a_page_that_is_wrong_is_refused_by_line, 0, 10);
    tcase_add_test(facts, claims_are_judged_from_paired_differences_of_all_runs);
    tcase_add_test(facts, one_run_shows_no_difference_but_a_range);
    tcase_add_test(facts, a_row_that_another_run_lacks_is_named);
    tcase_add_test(facts, a_report_without_scores_shows_dashes_and_says_who_judges);
    tcase_add_test(facts, a_group_of_many_curves_goes_on_in_another_plot);
    tcase_add_test(facts, classes_of_several_models_stand_in_the_first_ones_order);
    tcase_add_test(facts, a_label_can_not_add_elements_to_the_html);
    tcase_add_test(facts, counts_have_groups_of_three_digits);
    tcase_add_test(facts, a_plot_has_the_same_bytes_twice_and_the_pages_colours);
    tcase_add_test(facts, a_plot_without_a_point_is_left_out);
    int failed = run_case("report", facts);
    temporary_end();
    return failed;
}
