#include "common/report/gather.h"

#include <math.h>
#include <string.h>

#define MOST_RUNS ((size_t)64)

/* What further runs say, and from which file each got its last rows. */
typedef struct Runs {
    Scores scores[MOST_RUNS];
    const char *path[MOST_RUNS];
    size_t count;
} Runs;

static bool has_row_of(const Scores *run, const Scores *file)
{
    for (size_t i = 0; i < file->count; i++)
        for (size_t j = 0; j < run->count; j++)
            if (strcmp(file->rows[i].name, run->rows[j].name) == 0)
                return true;
    return false;
}

/* Enter a file's rows into the last run, or into the next one where that has them already. */
static bool add_file(Runs *runs, const char *path, Arena *arena, Failure *failure)
{
    Scores file;
    if (!scores_begin(&file, arena, failure) || !scores_read(&file, path, arena, failure))
        return false;
    if (runs->count == 0 || has_row_of(&runs->scores[runs->count - 1], &file)) {
        if (runs->count == MOST_RUNS)
            return fail(failure, EX_DATAERR, "%s: more than %zu runs; give fewer", path, MOST_RUNS);
        runs->path[runs->count] = path;
        runs->scores[runs->count++] = file;
        return true;
    }
    Scores *run = &runs->scores[runs->count - 1];
    if (run->count + file.count > SCORE_MOST_ROWS)
        return fail(failure, EX_DATAERR, "%s: more than %zu rows", path, SCORE_MOST_ROWS);
    memcpy(run->rows + run->count, file.rows, file.count * sizeof *file.rows);
    run->count += file.count;
    runs->path[runs->count - 1] = path;
    return true;
}

/* Enter what a run says of each row as the report's next run. */
static bool take_run(Report *report, const Page *page, const Scores *run, const char *path,
                     Failure *failure)
{
    for (size_t i = 0; i < report->row_count; i++) {
        const Score *score = score_of_row(run, page->rows[i].name);
        if (!score)
            return fail(failure, EX_DATAERR,
                        "%s: no metrics of [%s] in this run; give all files of a run, one after "
                        "another",
                        path, page->rows[i].name);
        for (Metric m = 0; m < METRICS; m++)
            report->rows[i].of_run[m][report->runs] = score->value[m];
    }
    report->runs++;
    return true;
}

/* What evaluations say of two runs. Weights are of the first alone, whose file the report is given. */
static bool same_values(const Report *report, size_t a, size_t b)
{
    for (size_t i = 0; i < report->row_count; i++)
        for (Metric m = 0; m < METRIC_WEIGHT; m++) {
            double x = report->rows[i].of_run[m][a], y = report->rows[i].of_run[m][b];
            if (x != y && !(isnan(x) && isnan(y)))
                return false;
        }
    return true;
}

/* The run that was taken last is dropped where an earlier one is the same. */
static void drop_repeated_run(Report *report)
{
    for (size_t earlier = 0; earlier + 1 < report->runs; earlier++)
        if (same_values(report, earlier, report->runs - 1)) {
            report->runs--;
            return;
        }
}

static bool reserve(Report *report, size_t runs, Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < report->row_count; i++)
        for (Metric m = 0; m < METRICS; m++)
            if (!arena_array(arena, report->rows[i].of_run[m], runs, failure))
                return false;
    return true;
}

bool gather_runs(Report *report, const ReportFiles *files, const Page *page, Arena *arena,
                 Failure *failure)
{
    Runs *runs;
    if (files->metrics.count == 0)
        return true;
    if (!arena_array(arena, runs, 1, failure))
        return false;
    for (size_t i = 0; i < files->seed_metrics.count; i++)
        if (!add_file(runs, files->seed_metrics.paths[i], arena, failure))
            return false;
    if (!reserve(report, runs->count + 1, arena, failure))
        return false;
    for (size_t i = 0; i < report->row_count; i++)
        for (Metric m = 0; m < METRICS; m++)
            report->rows[i].of_run[m][0] = report->rows[i].score.value[m];
    report->runs = 1;
    for (size_t i = 0; i < runs->count; i++) {
        if (!take_run(report, page, &runs->scores[i], runs->path[i], failure))
            return false;
        drop_repeated_run(report);
    }
    return true;
}
