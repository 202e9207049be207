/*
 * Report: everything that a report shows, gathered from files; and how it is written.
 *
 * Rows come from metrics; what belongs to a row (curve, checkpoint, values by class) is found by
 * name: `moe.curve.csv`, `moe.safetensors` and `moe-predictions.json` are all of `moe`.
 */
#ifndef PODIUM_REPORT_REPORT_H
#define PODIUM_REPORT_REPORT_H

#include "common/report/page.h"
#include "common/report/plot.h"
#include "common/report/published.h"

/* Paths of one kind, borrowed. */
typedef struct PathList {
    const char **paths;
    size_t count;
} PathList;

/* What a report is made of. */
typedef struct ReportFiles {
    const char *page, *published; // may be NULL
    const char *html_name;        // of the HTML file, for a link; NULL: there is none
    PathList metrics, curves, checkpoints, per_class, artifacts;
} ReportFiles;

typedef struct ReportRow {
    const char *label;
    Score score;
    const Published *published[METRICS]; // NULL: nothing to compare with
    const char *parameters, *epochs;     // NULL: not known
} ReportRow;

/* An artifact that stands behind the report, as its provenance says. */
typedef struct ReportArtifact {
    const char *name, *kind, *sha256;
} ReportArtifact;

#define REPORT_MOST_PLOTS ((size_t)3)

typedef struct Report {
    const char *title, *intro, *html_name; // intro and html_name may be NULL
    ReportRow *rows;
    size_t row_count;
    bool shown[METRICS], any_published; // columns that have anything in them
    Plot plots[REPORT_MOST_PLOTS];
    const char *captions[REPORT_MOST_PLOTS];
    size_t plot_count;
    ReportArtifact *artifacts; // sorted by name
    size_t artifact_count;
} Report;

/*
 * Gather a report, all of it into the arena.
 *
 *   failure  EX_NOINPUT, EX_DATAERR: of the files; a row of the page that no metrics file has, a
 *            published row that the table hasn't
 */
bool report_gather(Report *report, const ReportFiles *files, Arena *arena, Failure *failure);

/* A number of a table ("0.65312", "52,260,630") or a dash where there is none. */
const char *report_metric_text(double value, char text[32]);
const char *report_count_text(const char *digits, char text[64]);

/* The row that is best at a metric: several where they are equal to what is shown. */
bool report_is_best(const Report *report, size_t row, Metric metric);

/* Write it as Markdown: tables alone. */
void report_markdown(const Report *report, Text *to);

/* Write it as one HTML page that needs no other file. EX_UNAVAILABLE: there is no gnuplot. */
bool report_html(const Report *report, Text *to, Failure *failure);

#endif
