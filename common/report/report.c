#include "common/report/gather.h"

#include <math.h>

static void choose_columns(Report *report)
{
    for (size_t i = 0; i < report->row_count; i++)
        for (Metric m = 0; m < METRICS; m++) {
            report->shown[m] |= !isnan(report->rows[i].score.value[m]);
            report->beside[m] |= report->rows[i].published[m] != NULL;
        }
    for (Metric m = 0; m < METRICS; m++) {
        report->shown[m] |= report->runs == 0 && report->beside[m]; // a column of dashes
        report->any_published |= report->beside[m] && !report->shown[m];
        report->beside[m] &= report->shown[m];
    }
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
        || !gather_runs(report, files, &page, arena, failure))
        return false;
    choose_columns(report);
    return gather_claims(report, &page, arena, failure)
        && gather_plots(report, files, &page, arena, failure)
        && gather_artifacts(report, files, arena, failure);
}
