#include "memory_file.h"
#include "harness.h"

#include "common/base/file.h"
#include "common/data/readahead.h"
#include "common/base/file_status.h"

#include <string.h>

#define MOST_FILES 4
#define MOST_ARENAS 8

static struct {
    const char *path;
    const void *bytes;
    size_t size;
} files[MOST_FILES];
static size_t file_count, arena_bytes;

void memory_file(const char *path, const void *bytes, size_t size)
{
    CHECK(file_count < MOST_FILES);
    files[file_count].path = path;
    files[file_count].bytes = size ? bytes : NULL;
    files[file_count++].size = size;
}

void memory_file_reset(void)
{
    file_count = arena_bytes = 0;
}

size_t memory_file_arena_bytes(void)
{
    return arena_bytes;
}

static bool is_named(const char *path, const char *name)
{
    size_t length = strlen(path), end = strlen(name) - 1;
    return *name == '*' ? length >= end && strcmp(path + length - end, name + 1) == 0
                        : strcmp(path, name) == 0;
}

/* In the place of the library's functions; the linker knows them under these names. */
bool __wrap_mapped_file_open(MappedFile *file, const char *path, Failure *failure);
void __wrap_mapped_file_close(MappedFile *file);
bool __wrap_file_read(const char *path, Arena *arena, char **text, size_t *size, Failure *failure);
bool __wrap_file_status(FileStatus *status, const char *path, Failure *failure);
void __wrap_readahead_advance(Readahead *readahead, const MappedFile *file, const char *path,
                              size_t offset);
int __wrap_madvise(void *bytes, size_t size, int advice);
bool __wrap_arena_open(Arena *arena, size_t capacity_bytes, Failure *failure);
bool __real_arena_open(Arena *arena, size_t capacity_bytes, Failure *failure);
void __wrap_arena_close(Arena *arena);

bool __wrap_mapped_file_open(MappedFile *file, const char *path, Failure *failure)
{
    *file = (MappedFile){ 0 };
    for (size_t i = 0; i < file_count; i++)
        if (is_named(path, files[i].path)) {
            *file = (MappedFile){ files[i].bytes, files[i].size };
            return true;
        }
    return fail(failure, EX_NOINPUT, "%s: no such file", path);
}

void __wrap_mapped_file_close(MappedFile *file)
{
    *file = (MappedFile){ 0 };
}

bool __wrap_file_read(const char *path, Arena *arena, char **text, size_t *size, Failure *failure)
{
    MappedFile file;
    if (!__wrap_mapped_file_open(&file, path, failure))
        return false;
    *size = file.size;
    *text = arena_copy(arena, file.bytes, file.size, failure);
    return *text != NULL;
}

bool __wrap_file_status(FileStatus *status, const char *path, Failure *failure)
{
    MappedFile file;
    if (!__wrap_mapped_file_open(&file, path, failure))
        return false;
    *status = (FileStatus){ .size = file.size };
    return true;
}

void __wrap_readahead_advance(Readahead *readahead, const MappedFile *file, const char *path,
                              size_t offset)
{
    (void)readahead;
    (void)file;
    (void)path;
    (void)offset;
}

/* The bytes aren't mapped: giving their pages back would lose them. */
int __wrap_madvise(void *bytes, size_t size, int advice)
{
    (void)bytes;
    (void)size;
    (void)advice;
    return 0;
}

/*
 * Arenas that were closed are used again: mapping, first touch and unmapping of their pages would
 * take most of the time.
 */
static Arena closed[MOST_ARENAS];
static size_t closed_count;

static bool is_closed(const Arena *arena)
{
    for (size_t i = 0; i < closed_count; i++)
        if (closed[i].base == arena->base)
            return true;
    return false;
}

bool __wrap_arena_open(Arena *arena, size_t capacity_bytes, Failure *failure)
{
    CHECK(capacity_bytes <= ARENA_LARGE);
    if (closed_count == 0)
        return __real_arena_open(arena, ARENA_LARGE, failure);
    *arena = closed[--closed_count];
    arena->end = arena->base + capacity_bytes;
    return true;
}

void __wrap_arena_close(Arena *arena)
{
    size_t before = 0;
    if (!arena->base)
        return;
    CHECK(closed_count < MOST_ARENAS && !is_closed(arena));
#ifdef ARENA_GUARDED
    before = ARENA_GUARD_BYTES;
    arena_bytes += arena_touched(arena);
    *(char **)arena->base = arena->base + before;
#endif
    closed[closed_count++] =
        (Arena){ arena->base, arena->base + before, arena->base + ARENA_LARGE };
    *arena = (Arena){ 0 };
}
