/*
 * The parts of report_gather: each fills its part of a report. Failures are report_gather's.
 */
#ifndef PODIUM_REPORT_GATHER_H
#define PODIUM_REPORT_GATHER_H

#include "common/report/report.h"

/* Rows: what the page asks for, or, of a page without rows, one for each score; fills the page. */
bool gather_rows(Report *report, const ReportFiles *files, Page *page, Arena *arena,
                 Failure *failure);

/* Plots: of the files whose rows the page names; others are called by their files' names. */
bool gather_plots(Report *report, const ReportFiles *files, const Page *page, Arena *arena,
                  Failure *failure);

/* Artifacts: what was given, and what its provenance names; sorted by name, each once. */
bool gather_artifacts(Report *report, const ReportFiles *files, Arena *arena, Failure *failure);

/* Whether a name is of the row, whatever stage's name follows the model's: "moe-predictions". */
bool name_is_of(const char *name, const char *row);

/* How much of a name is the row's. */
size_t name_without_stage(const char *name);

#endif
