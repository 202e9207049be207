#include "common/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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
    for (size_t i = 0; i < report->row_count; i++)
        highest = fmax(highest, report->rows[i].score.value[metric]);
    if (isnan(highest) || isnan(report->rows[row].score.value[metric]) || report->row_count < 2)
        return false;
    report_metric_text(highest, best);
    return strcmp(report_metric_text(report->rows[row].score.value[metric], shown), best) == 0;
}
