/*
 * Report: everything that a report shows, gathered from files; and how it is written.
 *
 * Rows come from metrics; what belongs to a row (curve, checkpoint, values by class) is found by
 * name: `moe.curve.csv`, `moe.safetensors` and `moe-predictions.json` are all of `moe`.
 *
 * A run is the recipe under one seed: first the one that the report is of, then those of
 * seed_metrics. A file whose rows the run before has already begins the next run; a run that says
 * what another one said is the same one, and counts once.
 */
#ifndef PODIUM_REPORT_REPORT_H
#define PODIUM_REPORT_REPORT_H

#include "common/report/page.h"
#include "common/report/plot.h"
#include "common/report/published.h"
#include "common/report/verdict.h"

/* Paths of one kind, borrowed. */
typedef struct PathList {
    const char **paths;
    size_t count;
} PathList;

/* What a report is made of. */
typedef struct ReportFiles {
    const char *page, *published; // may be NULL
    const char *html_name;        // of the HTML file, for a link; NULL: there is none
    PathList metrics;    // of this run; none: the truth is not known, and rows have no scores
    const char *weights; // of the ensemble whose members the rows are; may be NULL
    PathList seed_metrics, curves, trials, checkpoints, per_class, per_rank, artifacts;
} ReportFiles;

typedef struct ReportRow {
    const char *label;
    const char *table; // heading of the table that begins with this row; NULL: none does
    bool control;      // it is there to be compared with another
    Score score;
    double *of_run[METRICS];             // [runs]
    const Published *published[METRICS]; // NULL: nothing to compare with
    const char *parameters, *epochs;     // NULL: not known
} ReportRow;

/* An artifact that stands behind the report, as its provenance says. */
typedef struct ReportArtifact {
    const char *name, *kind, *sha256;
} ReportArtifact;

/* A claim, and what the runs say of it. */
typedef struct ReportClaim {
    const char *text;
    Metric metric;
    const char *better, *worse, *control; // labels; worse is NULL of a range, control where none is
    bool best_of_worse;                   // worse stands for several rows
    bool no_worse;                        // that is all that is claimed
    double low, high;                     // of a range
    double least;                         // a smaller difference is no evidence
    Spread spread, control_spread;        // of differences, or of a range's values
    size_t agreeing, control_agreeing;    // runs with the claimed sign, or inside
    double published;                     // the paper's own difference or value; NAN: none
    Verdict verdict, control_verdict;
} ReportClaim;

#define REPORT_MOST_PLOTS ((size_t)32)

typedef struct Report {
    const char *title, *intro, *html_name; // intro and html_name may be NULL
    ReportRow *rows;
    size_t row_count;
    size_t runs; // 0: without scores
    ReportClaim *claims;
    size_t claim_count;
    bool shown[METRICS];  // columns that have anything in them
    bool beside[METRICS]; // published numbers of a column that is shown, next to it
    bool any_published;   // published numbers of other metrics, in a column of their own
    Plot *plots;
    const char *captions[REPORT_MOST_PLOTS];
    size_t plot_count;
    ReportArtifact *artifacts; // sorted by name
    size_t artifact_count;
} Report;

/*
 * Gather a report, all of it into the arena.
 *
 *   failure  EX_NOINPUT, EX_DATAERR: of the files; a row of the page that no metrics file has, or
 *            that a further run lacks; a published row that the table hasn't
 */
bool report_gather(Report *report, const ReportFiles *files, Arena *arena, Failure *failure);

/* A number of a table ("0.65312", "52,260,630") or a dash where there is none. */
const char *report_metric_text(double value, char text[32]);
const char *report_count_text(const char *digits, char text[64]);

/* The row that is best at a metric: several where they are equal to what is shown. */
bool report_is_best(const Report *report, size_t row, Metric metric);

/* Whether the metric's column has one of all runs next to it: weights are this run's. */
bool report_has_spread(const Report *report, Metric metric);

/* The first row of the table after the one that begins with this row. */
size_t report_table_end(const Report *report, size_t first);

/* The metric's mean and spread over the runs of a row: "0.7504 +- 0.0078", or a dash. */
const char *report_spread_text(const Spread *spread, char text[64]);

/* Rows with the same source as this one stand together: whether this is the first, and is next. */
const Published *report_source(const ReportRow *row);
bool report_source_is_new(const Report *report, size_t row);

/* The verdicts' rule in words, and why one is not shown (" (one run; make seeds N=3)"), or "". */
extern const char report_rule[];
extern const char report_no_scores[]; // what a page without scores says of it
const char *report_reason(const Report *report, const ReportClaim *claim, const Spread *spread,
                          Verdict verdict, char text[64]);

/* The section on claims, with its heading; nothing where the page has none. */
void report_claims_markdown(const Report *report, Text *to);
void report_claims_html(const Report *report, Text *to);

/* Write it as Markdown: tables alone. */
void report_markdown(const Report *report, Text *to);

/* Write it as one HTML page that needs no other file. EX_UNAVAILABLE: there is no gnuplot. */
bool report_html(const Report *report, Text *to, Failure *failure);

#endif
