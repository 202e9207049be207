/*
 * Index files, and everything that is read from one: its shards, records, labels, rated segments,
 * subsets, truth; and batches of a shard that may not be the one that was indexed.
 */
#include "harness.h"
#include "fixed_file.h"
#include "memory_file.h"
#include "tensors.h"

#include "common/artifact/manifest.h"
#include "common/data/batch_fill.h"
#include "common/data/shard_scan.h"
#include "common/data/subset.h"
#include "common/rank/truth_index.h"

static void check_names(const ShardIndex *index)
{
    for (size_t i = 0; i < index->shards; i++) {
        ShardEntries entries = shard_index_entries(index, i);
        CHECK(manifest_name_is_inside(index->shard_name[i]));
        touch(entries.label_class, shard_labels(&entries) * sizeof *entries.label_class);
        touch(entries.rating_score, shard_ratings(&entries) * sizeof *entries.rating_score);
    }
}

static void check_records(const ShardIndex *index)
{
    for (uint64_t i = 0; i < index->records; i++) {
        CHECK(shard_of_record(index, i) < index->shards);
        touch(record_id(index, i), record_id_length(index, i));
    }
    for (uint64_t i = 0; i < index->segments; i++) {
        uint64_t record = record_of_segment(index, i);
        uint32_t first = index->segment_first[i], end = index->segment_first[i + 1];
        CHECK(record < index->records && first < end);
        CHECK(first >= index->rating_first[record] && end <= index->rating_first[record + 1]);
        touch(index->rating_start + first, (end - first) * sizeof *index->rating_start);
    }
}

static void draw(const ShardIndex *index, SubsetUnit by, Arena scratch)
{
    Failure failure = { 0 };
    Subset one, other;
    SubsetChoice choice = {
        .by = by, .parts = { 2, 1 }, .part_count = 2, .seeded = true, .seed = 1
    };
    SubsetChoice rest = choice;
    rest.part = 1;
    if (subset_draw(&one, index, &choice, &scratch, &failure)
        && subset_draw(&other, index, &rest, &scratch, &failure))
        CHECK(subset_check_disjoint(&one, &other, index, &failure));
}

static void fill(const ShardIndex *index, LoaderUnit unit, Arena scratch)
{
    static const FeatureSpecs specs = { { { "rgb", 4 }, { "audio", 2 } }, 2, 6 };
    Failure failure = { 0 };
    uint64_t left_out;
    BatchSource source = { .settings = { .sources = { { index, NULL, "folder" } },
                                         .source_count = 1,
                                         .unit = unit,
                                         .features = &specs,
                                         .most_frames = LOADER_MOST_FRAMES,
                                         .batch = 4 } };
    BatchMemory memory;
    uint64_t size = loader_size(&source.settings);
    source.settings.end = size;
    if (size == 0 || !loader_check(&source.settings, &left_out, &failure)
        || !shard_cache_open(&source.caches[0], index, "folder", 1, &scratch, &failure))
        return;
    source.sampler = sampler_of(size, false, 0, 0);
    if (batch_source_measure(&source, scratch, &failure)
        && batch_memory_make(&memory, &source, &scratch, &failure))
        for (uint64_t first = 0;
             first < size && batch_fill(&memory, &source, first, scratch, &failure);
             first = memory.batch.next)
            touch(memory.frames, memory.batch.rows * memory.batch.width);
    shard_cache_close(&source.caches[0]);
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    static FixedFile shard;
    Failure failure = { 0 };
    ShardIndex index;
    VideoTruth truth;
    SegmentTruth ratings;
    (void)bytes;
    (void)size;
    fixed_file(&shard, "tests/fuzz/seeds/index/validate0000.tfrecord");
    memory_file("*", shard.bytes, shard.size);
    bool ok = shard_index_open(&index, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    check_names(&index);
    check_records(&index);
    for (SubsetUnit by = SUBSET_SHARD; by <= SUBSET_SEGMENT; by++)
        draw(&index, by, *arena);
    video_truth_of_index(&truth, &index, NULL, 0, &(Arena){ arena->base, arena->next, arena->end },
                         &failure);
    failure = (Failure){ 0 };
    segment_truth_of_index(&ratings, &index, NULL, 0,
                           &(Arena){ arena->base, arena->next, arena->end }, &failure);
    fill(&index, LOAD_VIDEOS, *arena);
    fill(&index, LOAD_RATED_SEGMENTS, *arena);
    fill(&index, LOAD_ALL_SEGMENTS, *arena);
    shard_index_close(&index);
}

const Harness harness = { "index", try, repair_tensors, 256, 32 << 20 };
