#include "common/report/gather.h"
#include "common/artifact/provenance.h"

#include <stdlib.h>
#include <string.h>

#define MOST_ARTIFACTS ((size_t)4096)

static int by_name(const void *a, const void *b)
{
    const ReportArtifact *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->sha256, y->sha256);
}

/* Enter an artifact, unless it is there. */
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
            add_artifact(report, provenance.inputs[j].artifact, provenance.inputs[j].kind,
                         provenance.inputs[j].sha256);
    }
    return true;
}

bool gather_artifacts(Report *report, const ReportFiles *files, Arena *arena, Failure *failure)
{
    const PathList *lists[] = { &files->metrics,   &files->curves,      &files->checkpoints,
                                &files->trials,    &files->per_class,   &files->per_rank,
                                &files->artifacts, &files->seed_metrics };
    const size_t own = sizeof lists / sizeof *lists - 1; // other runs' parents are in their reports
    if (!arena_array(arena, report->artifacts, MOST_ARTIFACTS, failure))
        return false;
    for (int parents = 0; parents < 2; parents++)
        for (size_t i = 0; i < own + !parents; i++)
            if (!add_artifacts(report, lists[i], parents, arena, failure))
                return false;
    qsort(report->artifacts, report->artifact_count, sizeof *report->artifacts, by_name);
    return true;
}
