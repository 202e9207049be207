#include "common/report/gather.h"
#include "common/artifact/provenance.h"
#include "common/data/safetensors.h"
#include "common/rank/weights_file.h"

#include <math.h>
#include <string.h>

/* What `predict` and `evaluate` are called after the model they are of. */
static const char *const suffixes[] = { "-predictions", "-metrics", "-scores" };

/* Whether two names mean the same row, whatever follows the model's name. */
bool name_is_of(const char *name, const char *row)
{
    size_t length = strlen(row);
    if (strncmp(name, row, length) != 0)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(name + length, suffixes[i]) == 0)
            return true;
    return name[length] == 0;
}

size_t name_without_stage(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t tail = strlen(suffixes[i]);
        if (length > tail && strcmp(name + length - tail, suffixes[i]) == 0)
            return length - tail;
    }
    return length;
}

/* A page without rows has one for each that was scored. */
static bool list_rows(Page *page, const Scores *scores, Arena *arena, Failure *failure)
{
    if (page->count)
        return true;
    for (size_t i = 0; i < scores->count; i++) {
        const char *name = scores->rows[i].name;
        char *row = arena_copy(arena, name, name_without_stage(name), failure);
        if (!row)
            return false;
        page->rows[page->count++] = (PageRow){ .name = row, .label = row };
    }
    return true;
}

const Score *score_of_row(const Scores *scores, const char *row)
{
    for (size_t i = 0; i < scores->count; i++)
        if (name_is_of(scores->rows[i].name, row))
            return &scores->rows[i];
    return NULL;
}

static bool find_score(ReportRow *row, const PageRow *from, const Scores *scores,
                       const ReportFiles *files, Failure *failure)
{
    const Score *score = score_of_row(scores, from->name);
    row->score = score ? *score : (Score){ .name = from->name };
    for (Metric m = 0; m < METRICS && !score; m++)
        row->score.value[m] = NAN;
    return score || files->metrics.count == 0
        || fail(failure, EX_DATAERR, "%s: no metrics of [%s]; evaluate it, or leave the row out",
                files->page, from->name);
}

static bool find_published(ReportRow *row, const PageRow *from, const PublishedNumbers *numbers,
                           const ReportFiles *files, Failure *failure)
{
    bool found = false;
    for (Metric m = 0; m < METRICS && from->published; m++) {
        row->published[m] = published_find(numbers, from->published, m);
        found |= row->published[m] != NULL;
    }
    return found || !from->published
        || fail(failure, EX_DATAERR, "%s: [%s]: %s has no row \"%s\"", files->page, from->name,
                files->published ? files->published : "--published, which isn't given,",
                from->published);
}

/* What the key that a checkpoint was made under says of an option; NULL: nothing. */
static const char *option_of(const Provenance *provenance, const char *name)
{
    for (size_t i = 0; i < provenance->key.count; i++)
        if (strcmp(provenance->key.fields[i].name, name) == 0)
            return provenance->key.fields[i].value;
    return NULL;
}

static bool read_checkpoint(ReportRow *row, const char *path, Arena *arena, Failure *failure)
{
    SafetensorsReader reader = { 0 };
    Provenance provenance;
    Failure none = { 0 };
    if (!safetensors_open(&reader, path, arena, failure))
        return false;
    const char *parameters = safetensors_metadata(&reader, "parameters");
    row->parameters = parameters; // its text lives in the arena
    if (provenance_read(&provenance, path, arena, &none))
        row->epochs = option_of(&provenance, "option/epochs");
    safetensors_close(&reader);
    return true;
}

static bool find_checkpoint(ReportRow *row, const char *name, const PathList *checkpoints,
                            Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < checkpoints->count; i++) {
        char *stem = stem_of(checkpoints->paths[i], arena, failure);
        if (!stem
            || (name_is_of(stem, name)
                && !read_checkpoint(row, checkpoints->paths[i], arena, failure)))
            return false;
    }
    return true;
}

/* Each member's share of the ensemble: weights need not add up to 1. */
static bool take_weights(Report *report, const Page *page, const char *path, Arena *arena,
                         Failure *failure)
{
    WeightsFile file;
    double sum = 0;
    if (!path)
        return true;
    if (!weights_file_read(&file, path, arena, failure))
        return false;
    for (size_t i = 0; i < file.count; i++)
        sum += file.weights[i];
    for (size_t i = 0; i < file.count; i++)
        for (size_t row = 0; row < page->count; row++)
            if (name_is_of(file.names[i], page->rows[row].name))
                report->rows[row].score.value[METRIC_WEIGHT] = file.weights[i] / sum;
    return true;
}

bool gather_rows(Report *report, const ReportFiles *files, Page *page, Arena *arena,
                 Failure *failure)
{
    Scores scores;
    PublishedNumbers numbers = { 0 };
    if (!scores_begin(&scores, arena, failure)
        || (files->published && !published_read(&numbers, files->published, arena, failure)))
        return false;
    for (size_t i = 0; i < files->metrics.count; i++)
        if (!scores_read(&scores, files->metrics.paths[i], arena, failure))
            return false;
    if (!list_rows(page, &scores, arena, failure)
        || !arena_array(arena, report->rows, page->count, failure))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        const PageRow *from = &page->rows[i];
        ReportRow *row = &report->rows[report->row_count++];
        row->label = from->label;
        row->table = from->table;
        row->control = from->control_of != NULL;
        if (!find_score(row, from, &scores, files, failure)
            || !find_published(row, from, &numbers, files, failure)
            || !find_checkpoint(row, from->name, &files->checkpoints, arena, failure))
            return false;
    }
    return take_weights(report, page, files->weights, arena, failure);
}
