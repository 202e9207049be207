/*
 * The parts of report_gather: each fills its part of a report. Failures are report_gather's.
 */
#ifndef PODIUM_REPORT_GATHER_H
#define PODIUM_REPORT_GATHER_H

#include "common/report/report.h"

/* Rows: what the page asks for, or, of a page without rows, one for each score; fills the page. */
bool gather_rows(Report *report, const ReportFiles *files, Page *page, Arena *arena,
                 Failure *failure);

/* Runs: what each says of the report's rows; the report's own is the first. */
bool gather_runs(Report *report, const ReportFiles *files, const Page *page, Arena *arena,
                 Failure *failure);

/* Claims: those of the page, judged. */
bool gather_claims(Report *report, const Page *page, Arena *arena, Failure *failure);

/* Plots: of the files whose rows the page names; others are called by their files' names. */
bool gather_plots(Report *report, const ReportFiles *files, const Page *page, Arena *arena,
                  Failure *failure);

/* Artifacts: what was given, and what its provenance names; sorted by name, each once. */
bool gather_artifacts(Report *report, const ReportFiles *files, Arena *arena, Failure *failure);

/* The score of a row by its name; NULL: there is none. */
const Score *score_of_row(const Scores *scores, const char *row);

/* Whether a name is of the row, whatever stage's name follows the model's: "moe-predictions". */
bool name_is_of(const char *name, const char *row);

/* How much of a name is the row's. */
size_t name_without_stage(const char *name);

#endif
