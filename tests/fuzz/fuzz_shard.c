/*
 * A shard as `index` scans it: the input is one record's payload, which must be found twice, and
 * its ids, labels, ratings and frames become the tables of an index.
 */
#include "harness.h"
#include "memory_file.h"
#include "records.h"

#include "common/data/index_write.h"
#include "common/data/shard_scan.h"

static const FeatureSpecs any = { 0 };
static const FeatureSpecs some = { { { "rgb", 4 }, { "audio", 2 } }, 2, 6 };

static void scan(const FeatureSpecs *specs, bool skip)
{
    Failure failure = { 0 };
    Arena arena = { 0 };
    ShardEntries entries;
    ScanSettings settings = { specs, skip };
    bool ok = shard_scan(&entries, INPUT, &settings, &arena, &failure);
    check_outcome(ok, &failure);
    if (ok) {
        touch(entries.id, entries.records * entries.id_bytes);
        touch(entries.offset, entries.records * sizeof *entries.offset);
        touch(entries.frames, entries.records * sizeof *entries.frames);
        touch(entries.label_class, shard_labels(&entries) * sizeof *entries.label_class);
        touch(entries.rating_score, shard_ratings(&entries) * sizeof *entries.rating_score);
        CHECK(entries.records + entries.skipped <= 2);
    }
    arena_close(&arena);
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    uint8_t *shard;
    CHECK(arena_array(arena, shard, 2 * (size + FRAME_BYTES), &failure));
    size_t one = put_record(shard, bytes, size), two = one + put_record(shard + one, bytes, size);
    memory_file_reset();
    memory_file(INPUT, shard, two);
    scan(&any, false);
    scan(&some, true);
}

const Harness harness = { "shard", try, NULL, 256, 1 << 20 };
