/*
 * ScanMemory: what a scan remembers of the shards it has seen: INDEX.scan, a volatile text file.
 *
 *   line 1   podium-scan 1
 *   line 2   folder /where/the/shards/are
 *   others   FINGERPRINT SKIPPED DEVICE INODE SIZE MTIME_NS CTIME_NS NAME
 *
 * A shard whose status is the remembered one has the remembered fingerprint; any difference has it
 * looked at again. A file that is missing or unreadable only costs time.
 */
#ifndef PODIUM_DATA_SCAN_MEMORY_H
#define PODIUM_DATA_SCAN_MEMORY_H

#include "common/base/file_status.h"
#include "common/data/index.h"

typedef struct ShardMemory {
    const char *name;
    FileStatus status;
    char fingerprint[INDEX_FINGERPRINT_BYTES + 1];
    uint32_t skipped;
    bool volatile_status; // looked at so soon after a change that the next change might not show
} ShardMemory;

typedef struct ScanMemory {
    ShardMemory *shards; // sorted by name
    size_t count;
} ScanMemory;

/* Read what INDEX.scan remembers; nothing where it can't be read. EX_OSERR: no memory. */
bool scan_memory_read(ScanMemory *memory, const char *index_path, Arena *arena, Failure *failure);

/* What is remembered of a shard of this name with this status, or NULL. */
const ShardMemory *scan_memory_find(const ScanMemory *memory, const char *name,
                                    const FileStatus *status);

/* Write INDEX.scan where it would differ. Shards with a volatile status are left out. */
bool scan_memory_write(const ScanMemory *memory, const char *index_path, const char *folder,
                       Failure *failure);

/* The folder that INDEX.scan names. EX_NOINPUT: there is no such file. */
bool scan_memory_folder(const char **folder, const char *index_path, Arena *arena,
                        Failure *failure);

#endif
