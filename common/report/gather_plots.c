#include "common/report/gather.h"
#include "common/report/table.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Plots being gathered: a chain of one kind goes on in another plot where one is full. */
typedef struct Gathering {
    Report *report;
    const ReportFiles *files;
    const Page *page;
    Arena *arena;
    Failure *failure;
} Gathering;

/* The page's row that a file is of; NULL: of none. */
static const PageRow *row_of(const Gathering *at, const char *stem)
{
    for (size_t i = 0; i < at->page->count; i++)
        if (name_is_of(stem, at->page->rows[i].name))
            return &at->page->rows[i];
    return NULL;
}

/* What the page calls the row that a file is of. */
static const char *label_of(const Gathering *at, const char *path)
{
    char *stem = stem_of(path, at->arena, at->failure);
    const PageRow *row = stem ? row_of(at, stem) : NULL;
    return row ? row->label : stem;
}

/* The group of curves that a file's row is in; "" for none, NULL with the failure filled. */
static const char *group_of(const Gathering *at, const char *path)
{
    char *stem = stem_of(path, at->arena, at->failure);
    const PageRow *row = stem ? row_of(at, stem) : NULL;
    return !stem ? NULL : row && row->group ? row->group : "";
}

/* The last plot, or the one after it that `like` begins where that is full, or of another kind. */
static Plot *plot_for_line(const Gathering *at, const Plot *like, const char *caption)
{
    Report *report = at->report;
    Plot *last = report->plot_count ? &report->plots[report->plot_count - 1] : NULL;
    if (last && strcmp(last->title, like->title) == 0 && last->line_count < PLOT_MOST_LINES)
        return last;
    if (report->plot_count == REPORT_MOST_PLOTS) {
        fail(at->failure, EX_DATAERR, "more than %zu plots; give fewer curves", REPORT_MOST_PLOTS);
        return NULL;
    }
    assert(report->plots);
    Plot next = *like;
    next.name = arena_format(at->arena, at->failure, "%s_%zu", like->name, report->plot_count + 1);
    report->plots[report->plot_count] = next;
    report->captions[report->plot_count] = caption;
    return next.name ? &report->plots[report->plot_count++] : NULL;
}

static bool add_line(const Gathering *at, const Plot *like, const char *caption, PlotLine line)
{
    Plot *plot = plot_for_line(at, like, caption);
    if (plot)
        plot->lines[plot->line_count++] = line;
    return plot != NULL;
}

static bool has_points(const double *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isfinite(y[i]))
            return true;
    return false;
}

/* Without a point a curve has no validation worth a picture. */
static bool add_curve(const Gathering *at, const Plot *like, const char *path, const char *column,
                      const char *caption)
{
    NumberTable table;
    const char *label = label_of(at, path);
    if (!label || !number_table_read(&table, path, at->arena, at->failure))
        return false;
    const double *x = number_table_column(&table, "samples");
    const double *y = number_table_column(&table, column);
    if (!x || !number_table_column(&table, "loss"))
        return fail(at->failure, EX_DATAERR,
                    "%s:1: no columns samples and loss; give a training curve", path);
    return !y || !has_points(y, table.rows)
        || add_line(at, like, caption, (PlotLine){ label, x, y, table.rows });
}

/* The curves of one group. */
static bool add_group(const Gathering *at, const char *group)
{
    const PathList *curves = &at->files->curves;
    Plot loss = { "loss", "Training loss", "samples seen", "loss", .logarithmic = true };
    if (*group && !(loss.title = arena_format(at->arena, at->failure, "Training loss: %s", group)))
        return false;
    for (size_t i = 0; i < curves->count; i++) {
        const char *own = group_of(at, curves->paths[i]);
        if (!own)
            return false;
        if (strcmp(own, group) == 0
            && !add_curve(at, &loss, curves->paths[i], "loss",
                          "Losses of models that reduce differently lie apart."))
            return false;
    }
    return true;
}

/* Groups in the page's order, then what is in none. */
static bool add_losses(const Gathering *at)
{
    for (size_t i = 0; i < at->page->count; i++) {
        const char *group = at->page->rows[i].group;
        bool seen = !group;
        for (size_t j = 0; j < i && !seen; j++)
            seen = at->page->rows[j].group && strcmp(at->page->rows[j].group, group) == 0;
        if (!seen && !add_group(at, group))
            return false;
    }
    return add_group(at, "");
}

static bool add_validations(const Gathering *at)
{
    const PathList *curves = &at->files->curves;
    const Plot gap = { "validation", "GAP@20 in validation", "samples seen", "GAP@20" };
    const Plot map = { "validation_map", "MAP in validation", "samples seen", "MAP" };
    for (size_t i = 0; i < curves->count; i++)
        if (!add_curve(at, &gap, curves->paths[i], "validation_gap",
                       "Of the videos held out while training."))
            return false;
    for (size_t i = 0; i < curves->count; i++)
        if (!add_curve(at, &map, curves->paths[i], "validation_map",
                       "Of the rated segments held out while training."))
            return false;
    return true;
}

/* What tunings had reached after each of their trials; the first trial has equal weights. */
static bool add_tunings(const Gathering *at)
{
    const PathList *files = &at->files->trials;
    const Plot plot = { "tuning", "MAP of tuned weights", "trials", "MAP on the hold-out" };
    for (size_t i = 0; i < files->count; i++) {
        NumberTable table;
        const char *path = files->paths[i], *label = label_of(at, path);
        if (!label || !number_table_read(&table, path, at->arena, at->failure))
            return false;
        const double *x = number_table_column(&table, "trial");
        const double *y = number_table_column(&table, "best");
        if (!x || !y)
            return fail(at->failure, EX_DATAERR,
                        "%s:1: no columns trial and best; give what tune --log wrote", path);
        if (!add_line(at, &plot, "The best weights so far; the first trial has equal ones.",
                      (PlotLine){ label, x, y, table.rows }))
            return false;
    }
    return true;
}

/* A table's column of the private part, of the public one, or of a truth without parts. */
static const double *column_of_part(const NumberTable *table, const char *name, const char **part)
{
    static const char *const endings[] = { "-private", "-public", "" };
    static const char *const parts[] = { ", private part", ", public part", "" };
    for (size_t i = 0; i < 3; i++) {
        char column[64];
        snprintf(column, sizeof column, "%s%s", name, endings[i]);
        const double *values = number_table_column(table, column);
        *part = parts[i];
        if (values)
            return values;
    }
    return NULL;
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* A class and its value, to be sorted. */
typedef struct ClassValue {
    double value, class;
} ClassValue;

static int falling_then_class(const void *a, const void *b)
{
    const ClassValue *x = a, *y = b;
    int order = falling(&x->value, &y->value);
    return order ? order : (x->class > y->class) - (x->class < y->class);
}

static bool read_classes(const Gathering *at, const char *path, NumberTable *table,
                         const double **values, const char **part)
{
    if (!number_table_read(table, path, at->arena, at->failure))
        return false;
    *values = column_of_part(table, "AveragePrecision", part);
    return (*values && number_table_column(table, "Class"))
        || fail(at->failure, EX_DATAERR,
                "%s:1: no columns Class and AveragePrecision; give what evaluate --per-class wrote",
                path);
}

/* One model's values, best first, against the share of classes that are as good or better. */
static bool add_sorted_classes(const Gathering *at, const char *path)
{
    const Plot plot = { "classes", "Average precision by class", "share of classes, %",
                        "average precision" };
    NumberTable table;
    const double *values;
    const char *part, *label = label_of(at, path);
    double *x, *y;
    size_t count = 0;
    if (!label || !read_classes(at, path, &table, &values, &part)
        || !arena_array(at->arena, x, table.rows, at->failure)
        || !arena_array(at->arena, y, table.rows, at->failure))
        return false;
    for (size_t i = 0; i < table.rows; i++)
        if (!isnan(values[i]))
            y[count++] = values[i];
    qsort(y, count, sizeof *y, falling);
    for (size_t i = 0; i < count; i++)
        x[i] = 100 * ((double)i + 0.5) / (double)count;
    return add_line(at, &plot, "Classes that occur, each model's best first.",
                    (PlotLine){ label, x, y, count });
}

/* The classes of the first file, from its best to its worst. */
static bool order_classes(const Gathering *at, const char *path, double **classes, size_t *count,
                          const char **part)
{
    NumberTable table;
    const double *values;
    ClassValue *order;
    *count = 0;
    if (!read_classes(at, path, &table, &values, part)
        || !arena_array(at->arena, order, table.rows, at->failure)
        || !arena_array(at->arena, *classes, table.rows, at->failure))
        return false;
    const double *class = number_table_column(&table, "Class");
    for (size_t i = 0; i < table.rows; i++)
        if (!isnan(values[i]))
            order[(*count)++] = (ClassValue){ values[i], class[i] };
    qsort(order, *count, sizeof *order, falling_then_class);
    for (size_t i = 0; i < *count; i++)
        (*classes)[i] = order[i].class;
    return true;
}

/* A model's values of the classes in that order. */
static bool add_dots(const Gathering *at, const Plot *plot, const char *caption, const char *path,
                     const double *classes, size_t count)
{
    NumberTable table;
    const double *values;
    const char *part, *label = label_of(at, path);
    double *x, *y;
    if (!label || !read_classes(at, path, &table, &values, &part)
        || !arena_array(at->arena, x, count, at->failure)
        || !arena_array(at->arena, y, count, at->failure))
        return false;
    const double *class = number_table_column(&table, "Class");
    for (size_t i = 0; i < count; i++) {
        x[i] = (double)i + 1;
        y[i] = NAN;
        for (size_t j = 0; j < table.rows; j++)
            if (class[j] == classes[i])
                y[i] = values[j];
    }
    return add_line(at, plot, caption, (PlotLine){ label, x, y, count });
}

/* Several models: each class is a place on the x axis, in the order of the first model's values. */
static bool add_compared_classes(const Gathering *at)
{
    Plot plot = { "classes", NULL, "classes", "average precision", .dots = true };
    const PathList *files = &at->files->per_class;
    const char *part, *label = label_of(at, files->paths[0]);
    double *classes;
    size_t count;
    if (!label || !order_classes(at, files->paths[0], &classes, &count, &part))
        return false;
    plot.title = arena_format(at->arena, at->failure, "Average precision by class%s", part);
    const char *caption =
        arena_format(at->arena, at->failure, "A class a place, in the order of %s.", label);
    if (!plot.title || !caption)
        return false;
    for (size_t i = 0; i < files->count; i++)
        if (!add_dots(at, &plot, caption, files->paths[i], classes, count))
            return false;
    return true;
}

static bool add_classes(const Gathering *at)
{
    const PathList *files = &at->files->per_class;
    if (files->count == 1)
        return add_sorted_classes(at, files->paths[0]);
    return files->count == 0 || add_compared_classes(at);
}

static bool add_ranks(const Gathering *at)
{
    const PathList *files = &at->files->per_rank;
    Plot plot = { "ranks", NULL, "rank among rated segments", "precision" };
    for (size_t i = 0; i < files->count; i++) {
        NumberTable table;
        const char *path = files->paths[i], *label = label_of(at, path), *part;
        if (!label || !number_table_read(&table, path, at->arena, at->failure))
            return false;
        const double *x = number_table_column(&table, "Rank");
        const double *y = column_of_part(&table, "Precision", &part);
        if (!x || !y)
            return fail(at->failure, EX_DATAERR,
                        "%s:1: no columns Rank and Precision; give what evaluate --per-rank wrote",
                        path);
        if (!(plot.title = arena_format(at->arena, at->failure, "Precision at rank%s", part))
            || !add_line(at, &plot, "Mean over classes, each with its own list.",
                         (PlotLine){ label, x, y, table.rows }))
            return false;
    }
    return true;
}

bool gather_plots(Report *report, const ReportFiles *files, const Page *page, Arena *arena,
                  Failure *failure)
{
    const Gathering at = { report, files, page, arena, failure };
    return arena_array(arena, report->plots, REPORT_MOST_PLOTS, failure) && add_losses(&at)
        && add_validations(&at) && add_tunings(&at) && add_classes(&at) && add_ranks(&at);
}
