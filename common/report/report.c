#include "common/report/report.h"
#include "common/artifact/provenance.h"
#include "common/base/file.h"
#include "common/data/safetensors.h"
#include "common/report/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ARTIFACTS ((size_t)4096)

/* What `predict` and `evaluate` are called after the model they are of. */
static const char *const suffixes[] = { "-predictions", "-metrics", "-scores" };

/* Whether two names mean the same row, whatever follows the model's name. */
static bool is_of(const char *name, const char *row)
{
    size_t length = strlen(row);
    if (strncmp(name, row, length) != 0)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(name + length, suffixes[i]) == 0)
            return true;
    return name[length] == 0;
}

static size_t without_suffix(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t tail = strlen(suffixes[i]);
        if (length > tail && strcmp(name + length - tail, suffixes[i]) == 0)
            return length - tail;
    }
    return length;
}

/* ---- rows ---- */

/* A page without rows has one for each that was scored. */
static bool list_rows(Page *page, const Scores *scores, Arena *arena, Failure *failure)
{
    if (page->count)
        return true;
    for (size_t i = 0; i < scores->count; i++) {
        const char *name = scores->rows[i].name;
        char *row = arena_copy(arena, name, without_suffix(name), failure);
        if (!row)
            return false;
        page->rows[page->count++] = (PageRow){ .name = row, .label = row };
    }
    return true;
}

static bool find_score(ReportRow *row, const PageRow *from, const Scores *scores,
                       const ReportFiles *files, Failure *failure)
{
    for (size_t i = 0; i < scores->count; i++)
        if (is_of(scores->rows[i].name, from->name)) {
            row->score = scores->rows[i];
            return true;
        }
    return fail(failure, EX_DATAERR, "%s: no metrics of [%s]; evaluate it, or leave the row out",
                files->page, from->name);
}

static bool find_published(ReportRow *row, const PageRow *from, const PublishedNumbers *numbers,
                           const ReportFiles *files, Failure *failure)
{
    bool found = false;
    for (Metric m = 0; m < METRICS && from->published; m++) {
        row->published[m] = published_find(numbers, from->published, m);
        found |= row->published[m] != NULL;
    }
    return found || !from->published
        || fail(failure, EX_DATAERR, "%s: [%s]: %s has no row \"%s\"", files->page, from->name,
                files->published ? files->published : "--published, which isn't given,",
                from->published);
}

/* What the key that a checkpoint was made under says of an option; NULL: nothing. */
static const char *option_of(const Provenance *provenance, const char *name)
{
    for (size_t i = 0; i < provenance->key.count; i++)
        if (strcmp(provenance->key.fields[i].name, name) == 0)
            return provenance->key.fields[i].value;
    return NULL;
}

static bool read_checkpoint(ReportRow *row, const char *path, Arena *arena, Failure *failure)
{
    SafetensorsReader reader = { 0 };
    Provenance provenance;
    Failure none = { 0 };
    if (!safetensors_open(&reader, path, arena, failure))
        return false;
    const char *parameters = safetensors_metadata(&reader, "parameters");
    row->parameters = parameters; // its text lives in the arena
    if (provenance_read(&provenance, path, arena, &none))
        row->epochs = option_of(&provenance, "option/epochs");
    safetensors_close(&reader);
    return true;
}

static bool find_checkpoint(ReportRow *row, const char *name, const PathList *checkpoints,
                            Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < checkpoints->count; i++) {
        char *stem = stem_of(checkpoints->paths[i], arena, failure);
        if (!stem
            || (is_of(stem, name) && !read_checkpoint(row, checkpoints->paths[i], arena, failure)))
            return false;
    }
    return true;
}

static bool gather_rows(Report *report, const ReportFiles *files, Page *page, Arena *arena,
                        Failure *failure)
{
    Scores scores;
    PublishedNumbers numbers = { 0 };
    if (!scores_begin(&scores, arena, failure)
        || (files->published && !published_read(&numbers, files->published, arena, failure)))
        return false;
    for (size_t i = 0; i < files->metrics.count; i++)
        if (!scores_read(&scores, files->metrics.paths[i], arena, failure))
            return false;
    if (!list_rows(page, &scores, arena, failure)
        || !arena_array(arena, report->rows, page->count, failure))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        const PageRow *from = &page->rows[i];
        ReportRow *row = &report->rows[report->row_count++];
        row->label = from->label;
        if (!find_score(row, from, &scores, files, failure)
            || !find_published(row, from, &numbers, files, failure)
            || !find_checkpoint(row, from->name, &files->checkpoints, arena, failure))
            return false;
    }
    return true;
}

static void choose_columns(Report *report)
{
    for (size_t i = 0; i < report->row_count; i++)
        for (Metric m = 0; m < METRICS; m++) {
            report->shown[m] |= !isnan(report->rows[i].score.value[m]);
            report->any_published |= report->rows[i].published[m] != NULL;
        }
}

/* ---- plots ---- */

/* What the page calls the row that a file is of. */
static const char *label_of(const char *path, const Page *page, Arena *arena, Failure *failure)
{
    char *stem = stem_of(path, arena, failure);
    for (size_t i = 0; stem && i < page->count; i++)
        if (is_of(stem, page->rows[i].name))
            return page->rows[i].label;
    return stem;
}

static bool add_line(Plot *plot, const char *label, const double *x, const double *y, size_t count)
{
    if (label && plot->line_count < PLOT_MOST_LINES)
        plot->lines[plot->line_count++] = (PlotLine){ label, x, y, count };
    return label != NULL;
}

static bool add_curve(Plot *loss, Plot *validation, const char *path, const char *label,
                      Arena *arena, Failure *failure)
{
    NumberTable table;
    if (!label || !number_table_read(&table, path, arena, failure))
        return false;
    const double *x = number_table_column(&table, "samples");
    const double *y = number_table_column(&table, "loss");
    const double *gap = number_table_column(&table, "validation_gap");
    if (!x || !y)
        return fail(failure, EX_DATAERR, "%s:1: no columns samples and loss; give a training curve",
                    path);
    add_line(loss, label, x, y, table.rows);
    return !gap || add_line(validation, label, x, gap, table.rows);
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Values by class, best first, against the share of classes that are as good or better. */
static bool add_classes(Plot *plot, const char *path, const char *label, Arena *arena,
                        Failure *failure)
{
    NumberTable table;
    double *x, *y;
    if (!label || !number_table_read(&table, path, arena, failure))
        return false;
    const double *values = number_table_column(&table, "AveragePrecision");
    if (!values)
        return fail(failure, EX_DATAERR,
                    "%s:1: no column AveragePrecision; give what evaluate --per-class wrote", path);
    if (!arena_array(arena, x, table.rows, failure) || !arena_array(arena, y, table.rows, failure))
        return false;
    if (table.rows)
        memcpy(y, values, table.rows * sizeof *y);
    qsort(y, table.rows, sizeof *y, falling);
    for (size_t i = 0; i < table.rows; i++)
        x[i] = 100 * ((double)i + 0.5) / (double)table.rows;
    return add_line(plot, label, x, y, table.rows);
}

static void keep_plot(Report *report, const Plot *plot, const char *caption)
{
    if (plot->line_count == 0)
        return;
    report->captions[report->plot_count] = caption;
    report->plots[report->plot_count++] = *plot;
}

/* Without a row of its own a curve has no validation worth a picture. */
static bool has_points(const Plot *plot)
{
    for (size_t i = 0; i < plot->line_count; i++)
        for (size_t j = 0; j < plot->lines[i].count; j++)
            if (isfinite(plot->lines[i].y[j]))
                return true;
    return false;
}

static bool gather_plots(Report *report, const ReportFiles *files, const Page *page, Arena *arena,
                         Failure *failure)
{
    Plot loss = { "loss", "Training loss", "videos seen", "loss", .logarithmic = true };
    Plot validation = { "validation", "GAP@20 in validation", "videos seen", "GAP@20" };
    Plot classes = { "classes", "Average precision by class", "share of classes, %",
                     "average precision" };
    for (size_t i = 0; i < files->curves.count; i++) {
        const char *path = files->curves.paths[i];
        if (!add_curve(&loss, &validation, path, label_of(path, page, arena, failure), arena,
                       failure))
            return false;
    }
    for (size_t i = 0; i < files->per_class.count; i++) {
        const char *path = files->per_class.paths[i];
        if (!add_classes(&classes, path, label_of(path, page, arena, failure), arena, failure))
            return false;
    }
    keep_plot(report, &loss, "Losses of models that reduce differently lie apart.");
    if (has_points(&validation))
        keep_plot(report, &validation, "Of the videos held out while training.");
    keep_plot(report, &classes, "Classes that occur, each model's best first.");
    return true;
}

/* ---- artifacts ---- */

static int by_name(const void *a, const void *b)
{
    const ReportArtifact *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->sha256, y->sha256);
}

/* Enter an artifact, unless it is there: one that only others name has its role in place of a kind.
 */
static void add_artifact(Report *report, const char *name, const char *kind, const char *sha256)
{
    for (size_t i = 0; i < report->artifact_count; i++) {
        ReportArtifact *there = &report->artifacts[i];
        if (strcmp(there->name, name) == 0 && strcmp(there->sha256, sha256) == 0)
            return;
    }
    if (report->artifact_count < MOST_ARTIFACTS)
        report->artifacts[report->artifact_count++] = (ReportArtifact){ name, kind, sha256 };
}

static bool add_artifacts(Report *report, const PathList *list, bool parents, Arena *arena,
                          Failure *failure)
{
    for (size_t i = 0; i < list->count; i++) {
        Provenance provenance;
        Failure none = { 0 };
        ProvenanceInput file;
        if (!provenance_read(&provenance, list->paths[i], arena, &none)) {
            if (!provenance_digest(list->paths[i], &file, arena, failure))
                return false;
            if (!parents)
                add_artifact(report, file.artifact, "file", file.sha256);
            continue;
        }
        if (!parents)
            add_artifact(report, provenance.artifact, provenance.kind, provenance.sha256);
        for (size_t j = 0; parents && j < provenance.input_count; j++)
            add_artifact(report, provenance.inputs[j].artifact, provenance.inputs[j].role,
                         provenance.inputs[j].sha256);
    }
    return true;
}

static bool gather_artifacts(Report *report, const ReportFiles *files, Arena *arena,
                             Failure *failure)
{
    const PathList *lists[] = { &files->metrics, &files->curves, &files->checkpoints,
                                &files->per_class, &files->artifacts };
    if (!arena_array(arena, report->artifacts, MOST_ARTIFACTS, failure))
        return false;
    for (int parents = 0; parents < 2; parents++) // what is given itself knows its kind: first
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            if (!add_artifacts(report, lists[i], parents, arena, failure))
                return false;
    qsort(report->artifacts, report->artifact_count, sizeof *report->artifacts, by_name);
    return true;
}

bool report_gather(Report *report, const ReportFiles *files, Arena *arena, Failure *failure)
{
    Page page = { 0 };
    *report = (Report){ .html_name = files->html_name };
    if (files->page ? !page_read(&page, files->page, arena, failure)
                    : !arena_array(arena, page.rows, PAGE_MOST_ROWS, failure))
        return false;
    report->title = page.title ? page.title : "Report";
    report->intro = page.intro;
    if (!gather_rows(report, files, &page, arena, failure)
        || !gather_plots(report, files, &page, arena, failure)
        || !gather_artifacts(report, files, arena, failure))
        return false;
    choose_columns(report);
    return true;
}
