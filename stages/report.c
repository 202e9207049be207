/* report: scores, curves and provenance as Markdown, and as one HTML page with plots. */
#include "common/artifact/artifact.h"
#include "common/report/gnuplot.h"
#include "common/report/report.h"

#include <unistd.h>

static const Option options[] = {
    { "page", OPTION_TEXT, NULL, "what to show: reports/NAME.page (default: a row for each score)",
      OPTION_INPUT },
    { "published", OPTION_TEXT, NULL, "CSV Row,Metric,Value,Source of published numbers",
      OPTION_INPUT },
    { "seed-metrics", OPTION_TEXT, NULL,
      "metrics of the same recipe under another seed (repeatable; a run's files stand together)",
      OPTION_INPUT },
    { "curve", OPTION_TEXT, NULL, "a training curve to plot (repeatable)", OPTION_INPUT },
    { "trials", OPTION_TEXT, NULL, "trials of a tuning to plot (repeatable)", OPTION_INPUT },
    { "weights", OPTION_TEXT, NULL, "what `tune` wrote: the rows' shares of an ensemble",
      OPTION_INPUT },
    { "checkpoint", OPTION_TEXT, NULL, "a model whose size and epochs to show (repeatable)",
      OPTION_INPUT },
    { "per-class", OPTION_TEXT, NULL, "values by class to plot (repeatable)", OPTION_INPUT },
    { "per-rank", OPTION_TEXT, NULL, "precision by rank to plot (repeatable)", OPTION_INPUT },
    { "artifact", OPTION_TEXT, NULL, "a file whose hash to show (repeatable)", OPTION_INPUT },
    { "html", OPTION_TEXT, NULL, "the HTML page to write too; needs gnuplot", OPTION_OUTPUT },
    { 0 },
};

static const Manual manual = { "report", "Show scores, curves and provenance in Markdown and HTML.",
                               "[METRICS...]", options };

static PathList paths_of(const Stage *stage, const char *option)
{
    const OptionValue *entry = option_entry(&stage->values, option);
    return (PathList){ entry->values, entry->count };
}

static ReportFiles files_of(const Stage *stage)
{
    const OptionValues *values = &stage->values;
    const char *html = option_text(values, "html");
    return (ReportFiles){
        .page = option_text(values, "page"),
        .published = option_text(values, "published"),
        .weights = option_text(values, "weights"),
        .html_name = html ? path_name(html) : NULL,
        .metrics = { values->arguments, values->argument_count },
        .seed_metrics = paths_of(stage, "seed-metrics"),
        .curves = paths_of(stage, "curve"),
        .trials = paths_of(stage, "trials"),
        .checkpoints = paths_of(stage, "checkpoint"),
        .per_class = paths_of(stage, "per-class"),
        .per_rank = paths_of(stage, "per-rank"),
        .artifacts = paths_of(stage, "artifact"),
    };
}

/* What the report says of parents stands in provenance files, so they decide its bytes too. */
static bool take_provenance(Stage *stage, const PathList *list, Failure *failure)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *path = arena_format(&stage->arena, failure, "%s.provenance", list->paths[i]);
        if (!path || (access(path, R_OK) == 0 && !stage_input(stage, "provenance", path, failure)))
            return false;
    }
    return true;
}

static bool complete_inputs(Stage *stage, const ReportFiles *files, Failure *failure)
{
    const PathList *lists[] = { &files->metrics,      &files->curves,   &files->checkpoints,
                                &files->per_class,    &files->per_rank, &files->artifacts,
                                &files->seed_metrics, &files->trials };
    char *version;
    if (files->metrics.count == 0 && (!files->page || files->seed_metrics.count))
        return fail(failure, EX_USAGE,
                    "no metrics; give what `evaluate` or `gather` wrote, or a "
                    "page alone where no truth is known");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!take_provenance(stage, lists[i], failure))
            return false;
    return !files->html_name
        || (gnuplot_version(&version, &stage->arena, failure)
            && stage_field(stage, "gnuplot", version, failure)
            && stage_field(stage, "html", files->html_name, failure));
}

static bool write_html(Artifact *html, const Report *report, Arena *arena, Failure *failure)
{
    if (!html->path)
        return true;
    Text page = text_begin(arena);
    return report_html(report, &page, failure)
        && atomic_file_write(&html->file, page.bytes, page.size, failure);
}

static bool write_markdown(Artifact *output, const Report *report, Arena *arena, Failure *failure)
{
    Text text = text_begin(arena);
    report_markdown(report, &text);
    return text_finish(&text, failure)
        && atomic_file_write(&output->file, text.bytes, text.size, failure);
}

static bool report(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    ReportFiles files = { 0 };
    Report shown;
    Artifact output = { 0 }, html = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure);
    if (ok)
        files = files_of(&stage);
    ok = ok && complete_inputs(&stage, &files, failure)
        && artifact_create(&output, &stage, "report", failure)
        && artifact_create_beside(&html, &stage, "report", "html", failure)
        && report_gather(&shown, &files, &stage.arena, failure)
        && write_markdown(&output, &shown, &stage.arena, failure)
        && write_html(&html, &shown, &stage.arena, failure) && artifact_commit(&html, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&html);
    artifact_discard(&output);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return report(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
