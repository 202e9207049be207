/*
 * statistics: what a league is like, beside what is published of the dataset.
 *
 * A row of the table for each row of --published; "-" where the league has no data for it.
 */
#include "common/artifact/artifact.h"
#include "common/league/measure.h"
#include "common/rank/csv_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EIGHTHS 8
#define HEADER "Row,Statistic,Published"
#define MOST_TEXT 256

static const Option options[] = {
    { "league", OPTION_TEXT, NULL, "manifest of the league; its files lie in the folder beside it",
      OPTION_INPUT, .required = true },
    { "published", OPTION_TEXT, NULL, "table of " HEADER ": which statistics, in which order",
      OPTION_INPUT, .required = true },
    { 0 },
};
static const Manual manual = { "statistics",
                               "Hold a league's statistics beside the published ones.", NULL,
                               options };

typedef struct Statistics {
    Measures train;
    RatingCounts validate, test;
    float *sorted; // [train.count]
} Statistics;

static void print_labels(const Statistics *s, char *text)
{
    double sum = 0, square = 0, count = (double)s->train.count;
    for (size_t i = 0; i < s->train.count; i++) {
        double labels = s->train.videos[i].labels;
        sum += labels;
        square += labels * labels;
    }
    snprintf(text, MOST_TEXT, "%.2f, %.2f", sum / count,
             sqrt((square - sum * sum / count) / (count - 1)));
}

static void print_label_quality(const Statistics *s, char *text)
{
    double labels = 0, right = 0, truth = 0;
    for (size_t i = 0; i < s->train.count; i++) {
        labels += s->train.videos[i].labels;
        right += s->train.videos[i].true_labels;
        truth += s->train.videos[i].truth;
    }
    if (s->train.has_truth)
        snprintf(text, MOST_TEXT, "%.3f, %.3f", right / labels, right / truth);
}

static void print_rated(const RatingCounts *counts, char *text)
{
    if (counts->ratings)
        snprintf(text, MOST_TEXT, "%.3f; %.3f; %.2f to %.2f",
                 (double)counts->positives / (double)counts->ratings, counts->sd, counts->least,
                 counts->most);
}

static void print_rated_validate(const Statistics *s, char *text)
{
    print_rated(&s->validate, text);
}

static void print_rated_test(const Statistics *s, char *text)
{
    print_rated(&s->test, text);
}

static void print_equal(const Statistics *s, char *text)
{
    if (s->validate.videos)
        snprintf(text, MOST_TEXT, "%.2f", (double)s->validate.equal / (double)s->validate.videos);
}

static void print_frames(const Statistics *s, char *text)
{
    double sum = 0, full = 0, count = (double)s->train.count;
    for (size_t i = 0; i < s->train.count; i++) {
        sum += s->train.videos[i].frames;
        full += s->train.videos[i].frames == LEAGUE_MOST_FRAMES;
    }
    snprintf(text, MOST_TEXT, "%.0f; %.3f", sum / count, full / count);
}

/* The sd over videos of each dim of their means, averaged over an eighth of the dims. */
static void print_eighths(const Statistics *s, size_t first, size_t width, char *text)
{
    double count = (double)s->train.count;
    size_t length = 0;
    for (size_t eighth = 0; eighth < EIGHTHS; eighth++) {
        double sum = 0;
        for (size_t i = 0; i < width / EIGHTHS; i++) {
            size_t k = first + eighth * (width / EIGHTHS) + i;
            double mean = s->train.sum[k] / count;
            sum += sqrt(s->train.square[k] / count - mean * mean);
        }
        length += (size_t)snprintf(text + length, MOST_TEXT - length, "%s%.3f", eighth ? " " : "",
                                   sum * EIGHTHS / (double)width);
    }
}

static void print_rgb_sd(const Statistics *s, char *text)
{
    print_eighths(s, 0, LEAGUE_RGB, text);
}

static void print_audio_sd(const Statistics *s, char *text)
{
    print_eighths(s, LEAGUE_RGB, LEAGUE_AUDIO, text);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void sort_squares(const Statistics *s, size_t stream)
{
    for (size_t i = 0; i < s->train.count; i++)
        s->sorted[i] = s->train.videos[i].square[stream];
    qsort(s->sorted, s->train.count, sizeof *s->sorted, by_value);
}

static double percentile(const Statistics *s, double percent)
{
    return s->sorted[(size_t)(percent / 100 * (double)(s->train.count - 1) + 0.5)];
}

static void print_rgb_square(const Statistics *s, char *text)
{
    double sum = 0, square = 0, count = (double)s->train.count;
    sort_squares(s, 0);
    for (size_t i = 0; i < s->train.count; i++) {
        double x = log10((double)s->sorted[i]);
        sum += x;
        square += x * x;
    }
    snprintf(text, MOST_TEXT, "%.3f, %.3f", percentile(s, 50),
             sqrt((square - sum * sum / count) / (count - 1)));
}

static void print_norm(const Statistics *s, size_t stream, size_t width, char *text)
{
    static const double percents[] = { 1, 25, 50, 75, 99 };
    size_t length = 0;
    sort_squares(s, stream);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        length += (size_t)snprintf(text + length, MOST_TEXT - length, "%s%.1f", i ? " " : "",
                                   sqrt(percentile(s, percents[i]) * (double)width));
}

static void print_rgb_norm(const Statistics *s, char *text)
{
    print_norm(s, 0, LEAGUE_RGB, text);
}

static void print_audio_norm(const Statistics *s, char *text)
{
    print_norm(s, 1, LEAGUE_AUDIO, text);
}

static void print_frame(const Statistics *s, size_t stream, char *text)
{
    const StreamSums *sums = &s->train.streams[stream];
    double values = (double)sums->values;
    snprintf(text, MOST_TEXT, "%.3f; %.1f %%", sqrt((double)sums->square / values) * MEASURE_STEP,
             100 * (double)sums->clipped / values);
}

static void print_frame_rgb(const Statistics *s, char *text)
{
    print_frame(s, 0, text);
}

static void print_frame_audio(const Statistics *s, char *text)
{
    print_frame(s, 1, text);
}

static void print_autocorrelation(const Statistics *s, size_t stream, char *text)
{
    const StreamSums *sums = &s->train.streams[stream];
    double variance = (double)sums->deviation / (double)sums->deviations;
    size_t length = 0;
    for (size_t l = 0; l < MEASURE_LAGS; l++) {
        double mean = (double)sums->product[l] / (double)sums->products[l];
        length += (size_t)snprintf(text + length, MOST_TEXT - length, "%s%.2f", l ? " " : "",
                                   mean / variance);
    }
}

static void print_rgb_autocorrelation(const Statistics *s, char *text)
{
    print_autocorrelation(s, 0, text);
}

static void print_audio_autocorrelation(const Statistics *s, char *text)
{
    print_autocorrelation(s, 1, text);
}

/* What each row of the table prints; text is "-" where it prints nothing. */
static const struct {
    const char *row;
    void (*print)(const Statistics *s, char *text);
} rows[] = {
    { "labels", print_labels },
    { "label-quality", print_label_quality },
    { "rated-validate", print_rated_validate },
    { "rated-test", print_rated_test },
    { "equal-validate", print_equal },
    { "frames", print_frames },
    { "rgb-sd", print_rgb_sd },
    { "audio-sd", print_audio_sd },
    { "rgb-square", print_rgb_square },
    { "rgb-norm", print_rgb_norm },
    { "audio-norm", print_audio_norm },
    { "frame-rgb", print_frame_rgb },
    { "frame-audio", print_frame_audio },
    { "rgb-autocorrelation", print_rgb_autocorrelation },
    { "audio-autocorrelation", print_audio_autocorrelation },
};
#define ROWS (sizeof rows / sizeof *rows)

/* The folder of a manifest: its path without the ending. */
static const char *folder_of(const char *manifest, Arena *arena, Failure *failure)
{
    static const char ending[] = ".manifest";
    size_t length = strlen(manifest), tail = sizeof ending - 1;
    if (length <= tail || strcmp(manifest + length - tail, ending) != 0) {
        fail(failure, EX_USAGE, "--league %s: not a manifest", manifest);
        return NULL;
    }
    return arena_copy(arena, manifest, length - tail, failure);
}

static bool measure(Statistics *s, Stage *stage, Failure *failure)
{
    Arena *arena = &stage->arena;
    const char *data = folder_of(option_text(&stage->values, "league"), arena, failure);
    return data && measure_train(&s->train, data, arena, failure)
        && measure_validate(&s->validate, data, arena, failure)
        && measure_test(&s->test, data, arena, failure)
        && arena_array(arena, s->sorted, s->train.count, failure);
}

static bool write_row(const Statistics *s, const CsvReader *table, AtomicFile *file,
                      Failure *failure)
{
    char achieved[MOST_TEXT] = "-";
    const CsvField *name = &table->fields[0], *says = &table->fields[1];
    const CsvField *published = &table->fields[2];
    for (size_t i = 0; i < ROWS; i++) {
        if (strlen(rows[i].row) != name->length
            || memcmp(rows[i].row, name->text, name->length) != 0)
            continue;
        rows[i].print(s, achieved);
        return atomic_file_print(file, failure, "| %.*s | %.*s | %s |\n", (int)says->length,
                                 says->text, (int)published->length, published->text, achieved);
    }
    return csv_refuse(table, 0, 0, failure, "%.*s: no such statistic", (int)name->length,
                      name->text);
}

static bool write_table(const Statistics *s, const char *published, AtomicFile *file,
                        Failure *failure)
{
    CsvReader table;
    bool ok = csv_open(&table, published, HEADER, failure)
        && atomic_file_print(file, failure,
                             "%zu training videos.\n\n| statistic | published | achieved |\n"
                             "| --- | --- | --- |\n",
                             s->train.count);
    while (ok && csv_next(&table, failure))
        ok = write_row(s, &table, file, failure);
    csv_close(&table);
    return ok && failure->code == EX_OK;
}

static bool statistics(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Artifact output = { 0 };
    Statistics measured = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && artifact_create(&output, &stage, "statistics", failure)
        && measure(&measured, &stage, failure)
        && write_table(&measured, option_text(&stage.values, "published"), &output.file, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return statistics(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
