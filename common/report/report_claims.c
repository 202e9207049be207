#include "common/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DASH "\xe2\x80\x93"

/* A line of the table: a claim, or what it says against its control. */
typedef struct Line {
    const char *what; // the claim's words; of a control, its label
    bool control, is_difference;
    char here[64], spread[64], runs[64], paper[64];
    const char *verdict, *reason, *mark;
    char why[64];
    char of[512]; // which rows
} Line;

static const char *const marks[] = { "unshown", "holds", "fails" };

static void number(char text[64], double value, bool is_difference)
{
    if (isnan(value))
        snprintf(text, 64, DASH);
    else if (fabs(value) < 0.00005)
        snprintf(text, 64, "0.0000"); // without the sign of what is rounded away
    else
        snprintf(text, 64, is_difference ? "%+.4f" : "%.4f", value);
}

static void name_rows(Line *line, const ReportClaim *claim)
{
    const char *part = claim->metric == METRIC_MAP_PRIVATE ? ", private part"
        : claim->metric == METRIC_MAP_PUBLIC               ? ", public part"
                                                           : "";
    if (!claim->worse)
        snprintf(line->of, sizeof line->of, "%s%s, from %.2f to %.2f", claim->better, part,
                 claim->low, claim->high);
    else
        snprintf(line->of, sizeof line->of, "%s \xe2\x88\x92 %s%s", claim->better,
                 line->control              ? claim->control
                     : claim->best_of_worse ? "the best of the others"
                                            : claim->worse,
                 part);
}

static void fill(Line *line, const Report *report, const ReportClaim *claim, bool control)
{
    const Spread *spread = control ? &claim->control_spread : &claim->spread;
    Verdict verdict = control ? claim->control_verdict : claim->verdict;
    size_t agreeing = control ? claim->control_agreeing : claim->agreeing;
    *line = (Line){ .what = control ? "Against the control" : claim->text,
                    .control = control,
                    .is_difference = claim->worse != NULL,
                    .verdict = verdict_name(verdict),
                    .mark = marks[verdict] };
    line->reason = report_reason(report, claim, spread, verdict, line->why);
    name_rows(line, claim);
    number(line->here, report->runs ? spread->mean : (double)NAN, claim->worse != NULL);
    number(line->spread, report->runs ? spread->deviation : (double)NAN, false);
    number(line->paper, control ? (double)NAN : claim->published, claim->worse != NULL);
    if (report->runs == 0)
        snprintf(line->runs, sizeof line->runs, DASH);
    else
        snprintf(line->runs, sizeof line->runs, "%zu of %zu", agreeing, report->runs);
}

static void markdown_line(const Line *line, Text *to)
{
    text_add(to, line->control ? "| \xe2\x86\xb3 " : "| ");
    text_markdown(to, line->what);
    text_add(to, " (");
    text_markdown(to, line->of);
    text_add(to, ") | %s | %s | %s | %s | %s%s%s%s |\n", line->here, line->spread, line->runs,
             line->paper, line->control ? "" : "**", line->verdict, line->control ? "" : "**",
             line->reason);
}

/* A claim's line, and one of the same comparison with its control. */
static int lines_of(const ReportClaim *claim)
{
    return claim->control ? 2 : 1;
}

void report_claims_markdown(const Report *report, Text *to)
{
    Line line;
    if (report->claim_count == 0)
        return;
    text_add(to,
             "## Claims\n\n| claim | d or score | s | runs | paper | verdict |\n"
             "| --- | ---: | ---: | ---: | ---: | --- |\n");
    for (size_t i = 0; i < report->claim_count; i++)
        for (int control = 0; control < lines_of(&report->claims[i]); control++) {
            fill(&line, report, &report->claims[i], control);
            markdown_line(&line, to);
        }
    text_add(to, "\n");
    text_markdown(to, report_rule);
    text_add(to, "\n\n");
}

static void cell(Text *to, const char *heading, const char *value)
{
    text_add(to, "<td data-of=\"%s\"%s>%s</td>", heading,
             strcmp(value, DASH) == 0 ? " class=\"none\"" : "", value);
}

static void html_line(const Line *line, Text *to)
{
    text_add(to, "<tr%s><th scope=\"row\">%s", line->control ? " class=\"control\"" : "",
             line->control ? "\xe2\x86\xb3 " : "");
    text_html(to, line->what);
    text_add(to, "<small>");
    text_html(to, line->of);
    text_add(to, "</small></th>");
    cell(to, line->is_difference ? "d" : "score", line->here);
    cell(to, "s", line->spread);
    cell(to, "runs", line->runs);
    cell(to, "paper", line->paper);
    text_add(to,
             "<td class=\"verdict\" data-of=\"verdict\"><span><b "
             "class=\"%s\">%s</b>%s</span></td></tr>\n",
             line->mark, line->verdict, line->reason);
}

void report_claims_html(const Report *report, Text *to)
{
    Line line;
    if (report->claim_count == 0)
        return;
    text_add(
        to,
        "<h2>Claims</h2>\n<table class=\"cards claims\">\n<thead><tr><th scope=\"col\">claim"
        "</th><th scope=\"col\">d or score</th><th scope=\"col\">s</th><th scope=\"col\">runs</th>"
        "<th scope=\"col\">paper</th><th scope=\"col\">verdict</th></tr></thead>\n");
    for (size_t i = 0; i < report->claim_count; i++)
        for (int control = 0; control < lines_of(&report->claims[i]); control++) {
            fill(&line, report, &report->claims[i], control);
            html_line(&line, to);
        }
    text_add(to, "</table>\n<p class=\"soft\">");
    text_html(to, report_rule);
    text_add(to, "</p>\n");
}
