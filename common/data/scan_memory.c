#include "common/data/scan_memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "podium-scan 1\n" // a new number where fingerprints get another meaning
#define FOLDER_WORD "folder "

static bool scan_path(char path[1100], const char *index_path, Failure *failure)
{
    return snprintf(path, 1100, "%s.scan", index_path) < 1100
        || fail(failure, EX_USAGE, "%s: the path is too long", index_path);
}

/* One line of a shard; false where it is none. `line` is split in place. */
static bool read_line(ShardMemory *shard, char *line)
{
    int name = 0;
    FileStatus *status = &shard->status;
    int fields = sscanf(line, "%64[0-9a-f] %" SCNu32 " " FILE_STATUS_SCAN " %n", shard->fingerprint,
                        &shard->skipped, FILE_STATUS_INTO(status), &name);
    shard->name = line + name;
    return fields == 7 && name > 0 && *shard->name
        && strlen(shard->fingerprint) == INDEX_FINGERPRINT_BYTES;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const ShardMemory *)a)->name, ((const ShardMemory *)b)->name);
}

/* The file's text behind its first line, in the arena; NULL where there is none of this kind. */
static char *read_text(const char *index_path, Arena *arena, Failure *failure)
{
    char path[1100], *text;
    size_t size;
    Failure none = { 0 };
    if (!scan_path(path, index_path, failure) || !file_read(path, arena, &text, &size, &none)
        || strncmp(text, FIRST_LINE FOLDER_WORD, strlen(FIRST_LINE FOLDER_WORD)) != 0)
        return NULL;
    return text + strlen(FIRST_LINE);
}

bool scan_memory_read(ScanMemory *memory, const char *index_path, Arena *arena, Failure *failure)
{
    size_t lines = 0;
    *memory = (ScanMemory){ 0 };
    char *text = read_text(index_path, arena, failure);
    for (const char *at = text; at && (at = strchr(at, '\n')); at++)
        lines++;
    if (!text)
        return failure->code == EX_OK;
    if (!arena_array(arena, memory->shards, lines, failure))
        return false;
    strsep(&text, "\n"); // the folder
    for (char *line; text && (line = strsep(&text, "\n"));)
        memory->count += memory->count < lines && read_line(&memory->shards[memory->count], line);
    qsort(memory->shards, memory->count, sizeof *memory->shards, by_name);
    return true;
}

const ShardMemory *scan_memory_find(const ScanMemory *memory, const char *name,
                                    const FileStatus *status)
{
    ShardMemory key = { .name = name };
    const ShardMemory *found =
        memory->count ? bsearch(&key, memory->shards, memory->count, sizeof key, by_name) : NULL;
    return found && file_status_equal(&found->status, status) ? found : NULL;
}

static void print_memory(FILE *to, const ScanMemory *memory, const char *folder)
{
    fprintf(to, FIRST_LINE FOLDER_WORD "%s\n", folder);
    for (size_t i = 0; i < memory->count; i++) {
        const ShardMemory *shard = &memory->shards[i];
        const FileStatus *status = &shard->status;
        if (!shard->volatile_status)
            fprintf(to, "%s %" PRIu32 " " FILE_STATUS_PRINT " %s\n", shard->fingerprint,
                    shard->skipped, FILE_STATUS_OF(status), shard->name);
    }
}

static bool is_same(const char *path, const char *text, size_t size)
{
    MappedFile file;
    Failure none = { 0 };
    if (!mapped_file_open(&file, path, &none))
        return false;
    bool same = file.size == size && memcmp(file.bytes, text, size) == 0;
    mapped_file_close(&file);
    return same;
}

bool scan_memory_write(const ScanMemory *memory, const char *index_path, const char *folder,
                       Failure *failure)
{
    char path[1100], *text = NULL, *whole = realpath(folder, NULL);
    size_t size = 0;
    FILE *to = scan_path(path, index_path, failure) ? open_memstream(&text, &size) : NULL;
    if (to)
        print_memory(to, memory, whole ? whole : folder);
    bool ok = to && fclose(to) == 0;
    ok = ok ? is_same(path, text, size) || file_write(path, text, size, failure)
            : fail(failure, EX_OSERR, "%s: out of memory", index_path);
    free(text);
    free(whole);
    return ok;
}

bool scan_memory_folder(const char **folder, const char *index_path, Arena *arena, Failure *failure)
{
    char *text = read_text(index_path, arena, failure);
    if (!text)
        return fail(failure, EX_NOINPUT, "%s.scan: doesn't say where the shards are; give --data",
                    index_path);
    *folder = strsep(&text, "\n") + strlen(FOLDER_WORD);
    return true;
}
