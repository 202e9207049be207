/*
 * Metrics: what evaluations say, as reports read it.
 */
#include "harness.h"

#include "common/report/score.h"

#include <math.h>

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    Scores scores;
    char text[32];
    (void)bytes;
    (void)size;
    CHECK(scores_begin(&scores, arena, &failure));
    bool ok = scores_read(&scores, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < scores.count; i++)
        for (Metric m = 0; m < METRICS; m++) {
            double value = scores.rows[i].value[m];
            CHECK(isnan(value) || (value >= 0 && value <= 1.001));
            metric_heading(m, &scores.rows[i], text);
        }
    CHECK(!ok || !scores_read(&scores, INPUT, arena, &failure)); // each name is there already
}

const Harness harness = { "metrics", try, NULL, 256, 1 << 20 };
