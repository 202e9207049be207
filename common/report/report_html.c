#include "common/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_NORMAL_COLUMNS ((size_t)9)

/*
 * The page's looks. Colours are variables, which the plots use too. On a narrow screen a row of the
 * table becomes a card, and each value stands beside the heading of its column.
 */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1d2330;--soft:#5b6475;--grid:#d9dee7;"
    "--panel:#f5f7fa;--accent:#0b5cad;--line-1:#0b6fc2;--line-2:#d1602b;--line-3:#2c8a4b;"
    "--line-4:#8a4fbf;--line-5:#b08a00;--line-6:#008c9e;--line-7:#c23a6b;--line-8:#6b7280}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#12161d;--ink:#e4e8ef;--soft:#9aa5b5;"
    "--grid:#333c49;--panel:#1a202a;--accent:#7ab8ff;--line-1:#5eb0ff;--line-2:#ff9c66;"
    "--line-3:#62cd86;--line-4:#c39bf0;--line-5:#e3c04a;--line-6:#4fd0df;--line-7:#ff86ae;"
    "--line-8:#a5adba}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:68rem;padding:1.5rem 1.25rem 3rem;background:var(--paper);"
    "color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;line-height:1.2;margin:0 0 .5rem}\n"
    "h2{font-size:1.15rem;margin:2.2rem 0 .6rem}\n"
    "p{margin:0 0 1rem;max-width:44rem}\n.soft{color:var(--soft);font-size:.85rem;margin:.6rem 0}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{padding:.45rem .7rem;text-align:right;border-bottom:1px solid var(--grid);"
    "font-variant-numeric:tabular-nums;vertical-align:top}\n"
    "th{font-weight:600;font-size:.85rem;color:var(--soft)}\n"
    "tbody th{font-size:1rem;color:var(--ink)}\n"
    "th:first-child,.names td,.names th{text-align:left}\n"
    ".control th:first-child{padding-left:1.8rem;font-weight:400}\n.control td{color:var(--soft)}\n"
    "small{display:block;font-weight:400;color:var(--soft);font-size:.82rem}\n"
    ".wide{font-size:.82rem}.wide th,.wide td{padding:.45rem .35rem}.wide tbody "
    "th{font-size:.85rem;min-width:9rem}\n"
    "@media(max-width:66rem){.wide{display:block;overflow-x:auto}}\n"
    ".cards td{white-space:nowrap}.claims th:last-child{text-align:left}.claims "
    ".verdict{white-space:normal;text-align:left;"
    "min-width:9rem}.verdict b{font-weight:600}\n"
    ".holds{color:var(--line-3)}.fails{color:var(--line-7)}.unshown{color:var(--soft)}\n"
    ".note{margin-top:1rem}\n"
    ".best{font-weight:700;color:var(--accent)}\n"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));"
    "gap:1rem}\n"
    "figure{margin:0;padding:1rem;background:var(--panel);border-radius:.5rem}\n"
    "figure svg{display:block;width:100%;height:auto}\n"
    "figure h3{font-size:1rem;margin:0 0 .4rem}\n"
    "figure text,figure tspan{font-family:system-ui,sans-serif}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.3rem 0 0;font-size:.9rem}\n"
    ".legend span::before{content:'';display:inline-block;width:1.1em;height:.25em;"
    "margin-right:.4em;vertical-align:middle;background:var(--of);border-radius:.1em}\n"
    "figcaption{color:var(--soft);font-size:.85rem;margin-top:.4rem}\n"
    ".names{font-size:.9rem}\n"
    "code{font-size:.72rem;overflow-wrap:anywhere}\n"
    "@media(max-width:44rem){.cards thead,.names thead{display:none}\n"
    ".cards tr,.names tr{display:grid;padding:.6rem 0;border-bottom:1px solid var(--grid)}\n"
    "table,tbody{display:block}\n"
    ".cards tr{grid-template-columns:minmax(0,1fr) minmax(0,1fr);column-gap:1rem;font-size:.9rem}\n"
    ".cards.runs tr{grid-template-columns:minmax(0,1fr)}\n"
    ".cards th,.names td:first-child{grid-column:1/-1}\n"
    ".cards td,.cards th,.names td{border:0;padding:.1rem 0}\n"
    ".cards td{display:flex;justify-content:space-between;gap:.5rem}\n"
    ".cards .none{display:none}\n"
    ".wide th,.wide td{padding:.1rem 0}.wide tbody th{font-size:1rem;min-width:0}\n"
    ".cards .control th:first-child{padding-left:0}.control{margin-left:1.2rem}\n"
    ".claims .verdict{grid-column:1/-1;text-align:right}.claims th{margin-bottom:.2rem}\n"
    ".cards td::before{content:attr(data-of);color:var(--soft)}\n"
    "body{padding:1rem 1rem 2rem}figure{padding:.8rem}\n"
    "code{font-size:.8rem}.names td+td{font-size:.85rem}}\n";

static void open_page(const Report *report, Text *to)
{
    text_add(to,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    text_html(to, report->title);
    text_add(to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
    text_html(to, report->title);
    text_add(to, "</h1>\n");
    if (report->intro) {
        text_add(to, "<p>");
        text_html(to, report->intro);
        text_add(to, "</p>\n");
    }
}

/* Whether the columns need smaller letters to stand beside each other. */
static bool is_wide(const Report *report)
{
    size_t columns = 3 + report->any_published; // model, parameters, epochs
    for (Metric m = 0; m < METRICS; m++)
        if (report->shown[m])
            columns += 1 + report_has_spread(report, m) + report->beside[m];
    return columns > MOST_NORMAL_COLUMNS;
}

static void headings(const Report *report, Text *to)
{
    char text[32];
    text_add(to, "<table class=\"cards%s%s\">\n<thead><tr><th scope=\"col\">model</th>",
             report->runs > 1 ? " runs" : "", is_wide(report) ? " wide" : "");
    for (Metric m = 0; m < METRICS; m++)
        if (report->shown[m]) {
            text_add(to, "<th scope=\"col\">%s</th>",
                     metric_heading(m, &report->rows[0].score, text));
            if (report_has_spread(report, m))
                text_add(to, "<th scope=\"col\">%zu runs</th>", report->runs);
            text_add(to, "%s", report->beside[m] ? "<th scope=\"col\">published</th>" : "");
        }
    text_add(to, "%s<th scope=\"col\">parameters</th><th scope=\"col\">epochs</th></tr></thead>\n",
             report->any_published ? "<th scope=\"col\">published</th>" : "");
}

/* A value, which on a narrow screen stands beside its heading, or nothing, which doesn't stand there. */
static void cell(Text *to, const char *heading, bool best, const char *value)
{
    bool none = strcmp(value, report_count_text(NULL, NULL)) == 0;
    const char *class = best ? " class=\"best\"" : none ? " class=\"none\"" : "";
    text_add(to, "<td data-of=\"%s\"%s>%s</td>", heading, class, value);
}

/* Of metrics without a column here the first: a row has one in practice, and the sources name the rest. */
static void published_cell(const Report *report, const ReportRow *row, Text *to)
{
    char text[32];
    double value = NAN;
    for (Metric m = METRICS; m-- > 0;)
        value = row->published[m] && !report->beside[m] ? row->published[m]->value : value;
    cell(to, "published", false, report_metric_text(value, text));
}

/* What was published of a column's metric. */
static void published_beside(const Report *report, const ReportRow *row, Metric metric, Text *to)
{
    char text[32];
    const Published *published = row->published[metric];
    if (report->beside[metric])
        cell(to, "published", false,
             report_metric_text(published ? published->value : (double)NAN, text));
}

/* What all runs say, where there are several. */
static void spread_cell(const Report *report, const ReportRow *row, Metric metric, Text *to)
{
    char text[64], heading[64], of[32];
    Spread spread = spread_of(row->of_run[metric], report->runs);
    if (!report_has_spread(report, metric))
        return;
    snprintf(heading, sizeof heading, "%zu runs, %s", report->runs,
             metric_heading(metric, &row->score, of));
    cell(to, heading, false, report_spread_text(&spread, text));
}

static void table_row(const Report *report, size_t i, Text *to)
{
    char text[64], heading[32];
    const ReportRow *row = &report->rows[i];
    text_add(to,
             row->control ? "<tr class=\"control\"><th scope=\"row\">\xe2\x86\xb3 "
                          : "<tr><th scope=\"row\">");
    text_html(to, row->label);
    text_add(to, "</th>");
    for (Metric m = 0; m < METRICS; m++)
        if (report->shown[m]) {
            cell(to, metric_heading(m, &row->score, heading), report_is_best(report, i, m),
                 report_metric_text(row->score.value[m], text));
            spread_cell(report, row, m, to);
            published_beside(report, row, m, to);
        }
    if (report->any_published)
        published_cell(report, row, to);
    cell(to, "parameters", false, report_count_text(row->parameters, text));
    cell(to, "epochs", false, report_count_text(row->epochs, text));
    text_add(to, "</tr>\n");
}

static void tables(const Report *report, Text *to)
{
    for (size_t first = 0; first < report->row_count;) {
        size_t end = report_table_end(report, first);
        if (report->rows[first].table) {
            text_add(to, "<h2>");
            text_html(to, report->rows[first].table);
            text_add(to, "</h2>\n");
        }
        headings(report, to);
        for (; first < end; first++)
            table_row(report, first, to);
        text_add(to, "</table>\n");
    }
}

/* One paragraph a source, with the rows that it is of. */
static void sources(const Report *report, Text *to)
{
    for (size_t i = 0; i < report->row_count; i++) {
        if (!report_source_is_new(report, i))
            continue;
        const char *source = report_source(&report->rows[i])->source;
        const char *between = "<p class=\"soft\">Published, ";
        for (size_t j = i; j < report->row_count; j++) {
            const Published *other = report_source(&report->rows[j]);
            if (!other || strcmp(other->source, source) != 0)
                continue;
            text_add(to, "%s", between);
            text_html(to, report->rows[j].label);
            between = "; ";
        }
        text_add(to, ": ");
        text_html(to, source);
        text_add(to, "</p>\n");
    }
}

/* The lines' names in their colours: outside the picture, so that a phone shows them in full size. */
static void legend(const Plot *plot, Text *to)
{
    text_add(to, "<p class=\"legend\">");
    for (size_t i = 0; i < plot->line_count; i++) {
        text_add(to, "<span style=\"--of:var(--line-%zu)\">", i + 1);
        text_html(to, plot->lines[i].label);
        text_add(to, "</span>\n");
    }
    text_add(to, "</p>\n");
}

static bool plots(const Report *report, Text *to, Failure *failure)
{
    if (report->plot_count == 0)
        return true;
    text_add(to, "<h2>Plots</h2>\n<div class=\"plots\">\n");
    for (size_t i = 0; i < report->plot_count; i++) {
        text_add(to, "<figure>\n<h3>");
        text_html(to, report->plots[i].title);
        text_add(to, "</h3>\n");
        if (!plot_draw(&report->plots[i], to, failure))
            return false;
        legend(&report->plots[i], to);
        text_add(to, "<figcaption>");
        text_html(to, report->captions[i]);
        text_add(to, "</figcaption>\n</figure>\n");
    }
    text_add(to, "</div>\n");
    return true;
}

static void artifacts(const Report *report, Text *to)
{
    if (report->artifact_count == 0)
        return;
    text_add(to,
             "<h2>Artifacts</h2>\n<table class=\"names\">\n<thead><tr><th scope=\"col\">artifact"
             "</th><th scope=\"col\">kind</th><th scope=\"col\">sha256</th></tr></thead>\n");
    for (size_t i = 0; i < report->artifact_count; i++) {
        text_add(to, "<tr><td>");
        text_html(to, report->artifacts[i].name);
        text_add(to, "</td><td>");
        text_html(to, report->artifacts[i].kind);
        text_add(to, "</td><td><code>%s</code></td></tr>\n", report->artifacts[i].sha256);
    }
    text_add(to, "</table>\n");
}

bool report_html(const Report *report, Text *to, Failure *failure)
{
    open_page(report, to);
    tables(report, to);
    if (report->runs == 0)
        text_add(to, "<p class=\"note\">%s</p>\n", report_no_scores);
    sources(report, to);
    report_claims_html(report, to);
    if (!plots(report, to, failure))
        return false;
    artifacts(report, to);
    text_add(to, "</body>\n</html>\n");
    return text_finish(to, failure);
}
