#include "common/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT ((size_t)64)

bool arena_open(Arena *arena, size_t capacity_bytes, Failure *failure)
{
    void *memory = mmap(NULL, capacity_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return fail_errno(failure, EX_OSERR,
                          "%zu MiB of address space can't be had; raise ulimit -v",
                          capacity_bytes >> 20);
    *arena = (Arena){ memory, memory, (char *)memory + capacity_bytes };
    return true;
}

void arena_close(Arena *arena)
{
    if (arena->base)
        munmap(arena->base, (size_t)(arena->end - arena->base));
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

char *arena_format(Arena *arena, Failure *failure, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : take(arena, (size_t)length + 1, 1, failure);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

char *arena_copy(Arena *arena, const void *bytes, size_t length, Failure *failure)
{
    char *copy = take(arena, length + 1, 1, failure);
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = 0;
    return copy;
}
