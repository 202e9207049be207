#include "common/report/report.h"

#include <math.h>
#include <string.h>

static void header(const Report *report, Text *to)
{
    char text[32];
    text_add(to, "| model |");
    for (Metric m = 0; m < METRICS; m++)
        if (report->shown[m]) {
            text_add(to, " %s |", metric_heading(m, &report->rows[0].score, text));
            if (report_has_spread(report, m))
                text_add(to, " %zu runs |", report->runs);
            text_add(to, "%s", report->beside[m] ? " published |" : "");
        }
    text_add(to, "%s parameters | epochs |\n| --- |", report->any_published ? " published |" : "");
    for (Metric m = 0; m < METRICS; m++)
        if (report->shown[m])
            text_add(to, " ---: |%s%s", report_has_spread(report, m) ? " ---: |" : "",
                     report->beside[m] ? " ---: |" : "");
    text_add(to, "%s ---: | ---: |\n", report->any_published ? " ---: |" : "");
}

/* What was published of metrics that have no column here. */
static void published_cell(const Report *report, const ReportRow *row, Text *to)
{
    char text[32];
    const char *between = " ";
    for (Metric m = 0; m < METRICS; m++) {
        if (!row->published[m] || report->beside[m])
            continue;
        text_add(to, "%s%s %s", between, metric_heading(m, &row->score, text),
                 report_metric_text(row->published[m]->value, (char[32]){ 0 }));
        between = ", ";
    }
    text_add(to, " |");
}

static double published_value(const ReportRow *row, Metric metric)
{
    return row->published[metric] ? row->published[metric]->value : (double)NAN;
}

static void table_row(const Report *report, size_t i, Text *to)
{
    char text[64];
    const ReportRow *row = &report->rows[i];
    text_add(to, row->control ? "| \xe2\x86\xb3 " : "| ");
    text_markdown(to, row->label);
    text_add(to, " |");
    for (Metric m = 0; m < METRICS; m++)
        if (report->shown[m]) {
            const char *mark = report_is_best(report, i, m) ? "**" : "";
            text_add(to, " %s%s%s |", mark, report_metric_text(row->score.value[m], text), mark);
            Spread spread = spread_of(row->of_run[m], report->runs);
            if (report_has_spread(report, m))
                text_add(to, " %s |", report_spread_text(&spread, text));
            if (report->beside[m])
                text_add(to, " %s |", report_metric_text(published_value(row, m), text));
        }
    if (report->any_published)
        published_cell(report, row, to);
    text_add(to, " %s |", report_count_text(row->parameters, text));
    text_add(to, " %s |\n", report_count_text(row->epochs, text));
}

static void tables(const Report *report, Text *to)
{
    for (size_t first = 0; first < report->row_count;) {
        size_t end = report_table_end(report, first);
        if (report->rows[first].table) {
            text_add(to, "## ");
            text_markdown(to, report->rows[first].table);
            text_add(to, "\n\n");
        }
        header(report, to);
        for (; first < end; first++)
            table_row(report, first, to);
        text_add(to, "\n");
    }
}

/* One paragraph a source, with the rows that it is of. */
static void sources(const Report *report, Text *to)
{
    for (size_t i = 0; i < report->row_count; i++) {
        if (!report_source_is_new(report, i))
            continue;
        const char *source = report_source(&report->rows[i])->source, *between = "Published, ";
        for (size_t j = i; j < report->row_count; j++) {
            const Published *other = report_source(&report->rows[j]);
            if (!other || strcmp(other->source, source) != 0)
                continue;
            text_add(to, "%s", between);
            text_markdown(to, report->rows[j].label);
            between = "; ";
        }
        text_add(to, ": ");
        text_markdown(to, source);
        text_add(to, "\n\n");
    }
}

static void artifacts(const Report *report, Text *to)
{
    if (report->artifact_count == 0)
        return;
    text_add(to, "## Artifacts\n\n| artifact | kind | sha256 |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < report->artifact_count; i++) {
        const ReportArtifact *artifact = &report->artifacts[i];
        text_add(to, "| ");
        text_markdown(to, artifact->name);
        text_add(to, " | ");
        text_markdown(to, artifact->kind);
        text_add(to, " | `%s` |\n", artifact->sha256);
    }
}

void report_markdown(const Report *report, Text *to)
{
    text_add(to, "# ");
    text_markdown(to, report->title);
    text_add(to, "\n\n");
    if (report->intro) {
        text_markdown(to, report->intro);
        text_add(to, "\n\n");
    }
    tables(report, to);
    if (report->runs == 0)
        text_add(to, "%s\n\n", report_no_scores);
    sources(report, to);
    report_claims_markdown(report, to);
    if (report->html_name) {
        text_add(to, "Plots: ");
        text_markdown(to, report->html_name);
        text_add(to, "\n\n");
    }
    artifacts(report, to);
}
