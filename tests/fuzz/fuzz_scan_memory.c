/*
 * INDEX.scan: what a scan remembers of shards.
 */
#include "harness.h"
#include "memory_file.h"

#include "common/data/scan_memory.h"

#include <string.h>

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    ScanMemory memory;
    const char *folder;
    memory_file(INPUT ".scan", bytes, size);
    CHECK(scan_memory_read(&memory, INPUT, arena, &failure));
    for (size_t i = 0; i < memory.count; i++) {
        const ShardMemory *shard = &memory.shards[i];
        CHECK(*shard->name && strlen(shard->fingerprint) == INDEX_FINGERPRINT_BYTES);
        scan_memory_find(&memory, shard->name, &shard->status);
    }
    bool ok = scan_memory_folder(&folder, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    if (ok)
        touch(folder, strlen(folder) + 1);
}

const Harness harness = { "scan_memory", try, NULL, 200, 1 << 16 };
