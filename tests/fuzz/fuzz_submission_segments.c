/*
 * A submission of 2019, scored against a fixed truth in two parts.
 */
#include "harness.h"
#include "memory_file.h"

#include "common/rank/metrics.h"
#include "common/rank/truth_csv.h"

#include <string.h>

static const char fixed[] = "00aa:0,1,1,public\n"
                            "00aa:5,1,0,private\n"
                            "01bc:15,1,1,private\n"
                            "01bc:15,4,1,public\n"
                            "a-longer-id-than-16-bytes:295,4,0,public\n"
                            "a-longer-id-than-16-bytes:290,4,1,private\n";

/* The truth, read once. */
static const SegmentTruth *fixed_truth(void)
{
    static SegmentTruth truth;
    static Arena arena;
    Failure failure = { 0 };
    if (arena.base)
        return &truth;
    memory_file("fixed", fixed, strlen(fixed));
    CHECK(arena_open(&arena, ARENA_LARGE, &failure)
          && segment_truth_read_csv(&truth, "fixed", &arena, &failure));
    return &truth;
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    const SegmentTruth *truth = fixed_truth();
    SegmentMap map;
    SegmentMapResult result[TRUTH_PARTS];
    size_t text_size;
    (void)bytes;
    (void)size;
    CHECK(segment_map_open(&map, truth, 4, arena, &failure));
    bool ok = segment_map_read_csv(&map, INPUT, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    segment_map_finish(&map, result);
    for (TruthPart part = 0; part < truth->parts; part++)
        CHECK(result[part].map >= 0 && result[part].map <= 1);
    CHECK(metrics_of_map(result, truth->parts, 4, arena, &failure));
    CHECK(metrics_by_rank(&map, result, &text_size, arena, &failure));
}

const Harness harness = { "submission_segments", try, NULL, 16, 1 << 20 };
