/*
 * A submission of 2018, scored against a fixed truth.
 */
#include "harness.h"
#include "memory_file.h"

#include "common/rank/gap.h"
#include "common/rank/metrics.h"
#include "common/rank/truth_csv.h"

#include <string.h>

#define CLASSES 8 // at least as many as the truth has

static const char fixed[] = "VideoId,Labels\n"
                            "00aa,1 2 7\n"
                            "01bc,0\n"
                            "02cd,\n"
                            "a-longer-id-than-16-bytes,3 5\n";

/* The truth, read once. */
static const VideoTruth *fixed_truth(void)
{
    static VideoTruth truth;
    static Arena arena;
    Failure failure = { 0 };
    if (arena.base)
        return &truth;
    memory_file("fixed", fixed, strlen(fixed));
    CHECK(arena_open(&arena, ARENA_LARGE, &failure)
          && video_truth_read_csv(&truth, "fixed", &arena, &failure) && truth.classes <= CLASSES);
    return &truth;
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    Gap gap;
    GapResult result;
    double classes[CLASSES];
    (void)bytes;
    (void)size;
    CHECK(gap_open(&gap, fixed_truth(), 4, 16, arena, &failure));
    bool ok = gap_read_csv(&gap, INPUT, &failure);
    check_outcome(ok, &failure);
    if (ok) {
        CHECK(gap_finish(&gap, &result, classes, *arena, &failure));
        CHECK(result.gap >= 0 && result.gap <= 1 && result.map >= 0 && result.map <= 1);
        CHECK(result.hit_at_1 <= 1 && result.perr <= 1);
        CHECK(metrics_of_gap(&result, 4, arena, &failure));
    }
    gap_close(&gap);
}

const Harness harness = { "submission_videos", try, NULL, 64, 2 << 20 };
