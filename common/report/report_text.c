#include "common/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PLUS_MINUS "\xc2\xb1"
#define DASH "\xe2\x80\x93" // what stands where there is no number

const char *report_metric_text(double value, char text[32])
{
    if (isnan(value))
        return DASH;
    snprintf(text, 32, "%.5f", value);
    return text;
}

/* Digits in groups of three: 52,260,630. */
const char *report_count_text(const char *digits, char text[64])
{
    size_t length = digits ? strlen(digits) : 0, at = 0;
    if (length == 0 || length > 40)
        return DASH;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = 0;
    return text;
}

bool report_is_best(const Report *report, size_t row, Metric metric)
{
    char best[32], shown[32];
    double highest = NAN;
    if (metric == METRIC_WEIGHT)
        return false;
    for (size_t i = 0; i < report->row_count; i++)
        highest = fmax(highest, report->rows[i].score.value[metric]);
    if (isnan(highest) || isnan(report->rows[row].score.value[metric]) || report->row_count < 2)
        return false;
    report_metric_text(highest, best);
    return strcmp(report_metric_text(report->rows[row].score.value[metric], shown), best) == 0;
}

bool report_has_spread(const Report *report, Metric metric)
{
    return report->runs > 1 && metric != METRIC_WEIGHT;
}

size_t report_table_end(const Report *report, size_t first)
{
    size_t end = first + 1;
    while (end < report->row_count && !report->rows[end].table)
        end++;
    return end;
}

const char *report_spread_text(const Spread *spread, char text[64])
{
    if (isnan(spread->mean))
        return DASH;
    if (isnan(spread->deviation))
        snprintf(text, 64, "%.4f", spread->mean);
    else
        snprintf(text, 64, "%.4f " PLUS_MINUS " %.4f", spread->mean, spread->deviation);
    return text;
}

const Published *report_source(const ReportRow *row)
{
    for (Metric m = 0; m < METRICS; m++)
        if (row->published[m])
            return row->published[m];
    return NULL;
}

bool report_source_is_new(const Report *report, size_t row)
{
    const Published *source = report_source(&report->rows[row]);
    for (size_t i = 0; i < row; i++) {
        const Published *earlier = report_source(&report->rows[i]);
        if (source && earlier && strcmp(source->source, earlier->source) == 0)
            return false;
    }
    return source != NULL;
}

const char report_no_scores[] = "No scores: the truth of these segments or videos is not known "
                                "here. The contest\xe2\x80\x99s site "
                                "judges the submission.";

const char report_rule[] =
    "A verdict of a difference comes from several runs, each under a seed of its own: d is the "
    "mean "
    "of the runs' paired differences and s their standard deviation over n runs. It holds where "
    "n \xe2\x89\xa5 3, d \xe2\x89\xa5 D and d \xe2\x88\x92 t s/\xe2\x88\x9an > 0, with t the "
    "95 % point of Student\xe2\x80\x99s "
    "distribution of n \xe2\x88\x92 1 degrees of freedom, and D half of what one run\xe2\x80\x99s "
    "score is "
    "uncertain by: 0.005 \xe2\x88\x9a(4,000 / ratings) of a MAP, 0.005 of other scores; it does "
    "not hold where the same is so of "
    "\xe2\x88\x92"
    "d; otherwise it is not shown. A score in a range holds where it is inside in every run, "
    "and does not hold where it is in none. \xe2\x80\x9cNo worse\xe2\x80\x9d holds where n "
    "\xe2\x89\xa5 3 and d \xe2\x88\x92 t s/\xe2\x88\x9an > \xe2\x88\x92"
    "D. A control has as many training steps without what the "
    "claim is about.";

const char *report_reason(const Report *report, const ReportClaim *claim, const Spread *spread,
                          Verdict verdict, char text[64])
{
    if (report->runs == 0 || isnan(spread->mean))
        return " (no scores)";
    if (!claim->worse || verdict != NOT_SHOWN)
        return "";
    if (report->runs < VERDICT_LEAST_RUNS)
        return report->runs == 1 ? " (one run; make seeds N=3)" : " (two runs; make seeds N=3)";
    if (claim->no_worse || !(fabs(spread->mean) < claim->least))
        return " (the runs differ too much)";
    snprintf(text, 64, " (below %.4f)", claim->least);
    return text;
}
