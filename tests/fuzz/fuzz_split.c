/*
 * Subsets of an index, which `split` writes: the input is a subset of a fixed index.
 */
#include "harness.h"
#include "fixed_file.h"
#include "memory_file.h"
#include "tensors.h"

#include "common/data/subset.h"
#include "common/rank/truth_index.h"

/* The index, opened once. */
static const ShardIndex *fixed_index(void)
{
    static FixedFile file;
    static ShardIndex index;
    static Arena arena;
    Failure failure = { 0 };
    if (index.path)
        return &index;
    fixed_file(&file, "tests/fuzz/seeds/index/rated.index");
    memory_file("fixed", file.bytes, file.size);
    CHECK(arena_open(&arena, ARENA_LARGE, &failure)
          && shard_index_open(&index, "fixed", &arena, &failure));
    return &index;
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    const ShardIndex *index = fixed_index();
    Subset subset;
    VideoTruth truth;
    SegmentTruth ratings;
    (void)bytes;
    (void)size;
    bool ok = subset_open(&subset, INPUT, index, arena, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    for (uint64_t i = 0; i < subset.record_count; i++)
        touch(record_id(index, subset.records[i]), index->id_bytes);
    for (uint64_t i = 0; i < subset.segment_count; i++)
        CHECK(record_of_segment(index, subset.segments[i]) < index->records);
    CHECK(subset_check_disjoint(&subset, &subset, index, &failure)
          == !(subset.by == SUBSET_SEGMENT ? subset.segment_count : subset.record_count));
    failure = (Failure){ 0 };
    CHECK(
        video_truth_of_index(&truth, index, subset.records, subset.record_count, arena, &failure));
    CHECK(segment_truth_of_index(&ratings, index, subset.segments, subset.segment_count, arena,
                                 &failure));
    subset_close(&subset);
}

const Harness harness = { "split", try, repair_tensors, 256, 1 << 20 };
