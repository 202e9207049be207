#include "common/report/gather.h"

#include <math.h>

/* The metric that a claim is about: the page's, or the first that the report shows. */
static Metric metric_of(const PageClaim *claim, const Report *report)
{
    Metric metric = claim->metric;
    if (metric != METRICS)
        return metric;
    for (metric = 0; metric + 1 < METRICS && !report->shown[metric];)
        metric++;
    return metric;
}

/* What a paper says of a row: of the claim's metric, or of the one that it names. */
static double published_of(const ReportRow *row, Metric metric)
{
    const Published *published = row->published[metric];
    published = published ? published : report_source(row);
    return published ? published->value : NAN;
}

static double best(double a, double b)
{
    return isnan(a) || isnan(b) ? (double)NAN : fmax(a, b); // of a row that isn't known, no best is
}

/* The best of the worse rows in a run. */
static double worse_in_run(const Report *report, const PageClaim *from, Metric metric, size_t run)
{
    double value = report->rows[from->worse[0]].of_run[metric][run];
    for (size_t i = 1; i < from->worse_count; i++)
        value = best(value, report->rows[from->worse[i]].of_run[metric][run]);
    return value;
}

/* A label for all of the worse rows: they are named in the claim's text. */
static void take_labels(ReportClaim *claim, const Report *report, const PageClaim *from)
{
    claim->better = report->rows[from->better].label;
    claim->worse = from->worse_count ? report->rows[from->worse[0]].label : NULL;
    claim->best_of_worse = from->worse_count > 1;
    claim->control = from->control == PAGE_NO_ROW ? NULL : report->rows[from->control].label;
}

static double published_difference(const Report *report, const PageClaim *from, Metric metric)
{
    double better = published_of(&report->rows[from->better], metric), worse;
    if (from->worse_count == 0)
        return better;
    worse = published_of(&report->rows[from->worse[0]], metric);
    for (size_t i = 1; i < from->worse_count; i++)
        worse = best(worse, published_of(&report->rows[from->worse[i]], metric));
    return better - worse;
}

static size_t count_positive(const double *values, size_t count)
{
    size_t positive = 0;
    for (size_t i = 0; i < count; i++)
        positive += values[i] > 0;
    return positive;
}

static void judge_range(ReportClaim *claim, const Report *report, const PageClaim *from)
{
    const double *values = report->rows[from->better].of_run[claim->metric];
    claim->low = from->low;
    claim->high = from->high;
    claim->spread = spread_of(values, report->runs);
    claim->verdict = verdict_of_range(values, report->runs, from->low, from->high);
    for (size_t run = 0; run < report->runs; run++)
        claim->agreeing += values[run] >= from->low && values[run] <= from->high;
}

static void judge_differences(ReportClaim *claim, const Report *report, const PageClaim *from,
                              double *values)
{
    const ReportRow *better = &report->rows[from->better];
    for (size_t run = 0; run < report->runs; run++)
        values[run] =
            better->of_run[claim->metric][run] - worse_in_run(report, from, claim->metric, run);
    claim->spread = spread_of(values, report->runs);
    claim->agreeing = count_positive(values, report->runs);
    claim->least = verdict_least_difference(better->score.ratings[claim->metric]);
    claim->no_worse = from->no_worse;
    claim->verdict = from->no_worse ? verdict_of_no_worse(&claim->spread, claim->least)
                                    : verdict_of_differences(&claim->spread, claim->least);
    if (from->control == PAGE_NO_ROW)
        return;
    for (size_t run = 0; run < report->runs; run++)
        values[run] = better->of_run[claim->metric][run]
            - report->rows[from->control].of_run[claim->metric][run];
    claim->control_spread = spread_of(values, report->runs);
    claim->control_agreeing = count_positive(values, report->runs);
    claim->control_verdict = verdict_of_differences(&claim->control_spread, claim->least);
}

bool gather_claims(Report *report, const Page *page, Arena *arena, Failure *failure)
{
    double *values;
    if (!arena_array(arena, report->claims, page->claim_count, failure)
        || !arena_array(arena, values, report->runs, failure))
        return false;
    for (size_t i = 0; i < page->claim_count; i++) {
        const PageClaim *from = &page->claims[i];
        ReportClaim *claim = &report->claims[report->claim_count++];
        claim->text = from->text;
        claim->metric = metric_of(from, report);
        claim->published = published_difference(report, from, claim->metric);
        take_labels(claim, report, from);
        if (from->worse_count)
            judge_differences(claim, report, from, values);
        else
            judge_range(claim, report, from);
    }
    return true;
}
