#include "common/report/gather.h"
#include "common/report/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the page calls the row that a file is of. */
static const char *label_of(const char *path, const Page *page, Arena *arena, Failure *failure)
{
    char *stem = stem_of(path, arena, failure);
    for (size_t i = 0; stem && i < page->count; i++)
        if (name_is_of(stem, page->rows[i].name))
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

bool gather_plots(Report *report, const ReportFiles *files, const Page *page, Arena *arena,
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
