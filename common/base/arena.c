#include "common/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT ((size_t)64)

#ifdef ARENA_GUARDED
#include <sanitizer/asan_interface.h>

/*
 * The sanitizer marks memory in units of 8 bytes, so allocations begin at such units. Copies of an
 * arena share its memory, and so it is there that the farthest byte is kept: in the first word.
 */
#define LEAST_ALIGNMENT ((size_t)8)

static void begin(Arena *arena)
{
    size_t room = (size_t)(arena->end - arena->base);
    arena->next += room < ARENA_GUARD_BYTES ? room : ARENA_GUARD_BYTES;
    *(char **)arena->base = arena->next; // also of a few bytes the system gives a whole page
}

/* `bytes` from here on may be used, and what follows up to the new arena->next may not. */
static void guard(Arena *arena, char *memory, size_t bytes)
{
    size_t room = (size_t)(arena->end - arena->next);
    arena->next += room < ARENA_GUARD_BYTES ? room : ARENA_GUARD_BYTES;
    ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
    ASAN_POISON_MEMORY_REGION(memory + bytes, (size_t)(arena->next - memory) - bytes);
    char **farthest = (char **)arena->base;
    *farthest = arena->next > *farthest ? arena->next : *farthest;
}

static void unguard(const Arena *arena)
{
    ASAN_UNPOISON_MEMORY_REGION(arena->base, arena_touched(arena));
}

/* Take back the guard behind the last allocation. */
static void join(Arena *arena)
{
    if (arena->next > arena->base + ARENA_GUARD_BYTES && arena->next < arena->end)
        arena->next -= ARENA_GUARD_BYTES;
}

size_t arena_touched(const Arena *arena)
{
    return (size_t)(*(char **)arena->base - arena->base);
}
#else
#define LEAST_ALIGNMENT ((size_t)1)
#define begin(arena)
#define guard(arena, memory, bytes)
#define unguard(arena)
#define join(arena)
#endif

bool arena_open(Arena *arena, size_t capacity_bytes, Failure *failure)
{
    void *memory = mmap(NULL, capacity_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return fail_errno(failure, EX_OSERR,
                          "%zu MiB of address space can't be had; raise ulimit -v",
                          capacity_bytes >> 20);
    *arena = (Arena){ memory, memory, (char *)memory + capacity_bytes };
    begin(arena);
    return true;
}

void arena_close(Arena *arena)
{
    if (arena->base) {
        unguard(arena);
        munmap(arena->base, (size_t)(arena->end - arena->base));
    }
    *arena = (Arena){ 0 };
}

/* `bytes` of memory that starts at a multiple of `alignment`, not cleared. */
static char *take(Arena *arena, size_t bytes, size_t alignment, Failure *failure)
{
    size_t padding = (size_t)(-(uintptr_t)arena->next & (alignment - 1));
    size_t left = (size_t)(arena->end - arena->next);
    if (padding > left || bytes > left - padding) {
        fail(failure, EX_OSERR, "out of memory: %zu bytes asked for, %zu MiB left of %zu", bytes,
             left >> 20, (size_t)(arena->end - arena->base) >> 20);
        return NULL;
    }
    char *memory = arena->next + padding;
    arena->next = memory + bytes;
    guard(arena, memory, bytes);
    return memory;
}

void *arena_allocate(Arena *arena, size_t count, size_t size, Failure *failure)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        fail(failure, EX_OSERR, "out of memory: %zu elements of %zu bytes", count, size);
        return NULL;
    }
    void *memory = take(arena, bytes, ALIGNMENT, failure);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void *arena_extend(Arena *arena, size_t count, size_t size, Failure *failure)
{
    join(arena);
    return arena_allocate(arena, count, size, failure);
}

char *arena_format(Arena *arena, Failure *failure, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : take(arena, (size_t)length + 1, LEAST_ALIGNMENT, failure);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

char *arena_copy(Arena *arena, const void *bytes, size_t length, Failure *failure)
{
    char *copy = take(arena, length + 1, LEAST_ALIGNMENT, failure);
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = 0;
    return copy;
}
