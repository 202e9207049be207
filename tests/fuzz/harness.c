#include "harness.h"
#include "memory_file.h"

#include "common/base/parallel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef ARENA_GUARDED
/* Of the sanitizer's library: clang has a header for them, gcc has none. */
size_t __sanitizer_get_allocated_size(const volatile void *memory);
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
                                              void (*freed)(const volatile void *));
#endif

#define ARENA_BYTES ((size_t)1 << 36)

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s: %s does not hold\n", file, line, harness.name, what);
    abort();
}

void touch(const void *bytes, size_t size)
{
    const volatile uint8_t *at = bytes;
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + at[i]);
    (void)sum;
}

static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

void check_outcome(bool ok, const Failure *failure)
{
    CHECK(ok == (failure->code == EX_OK));
    if (ok)
        return;
    CHECK(failure->code == EX_DATAERR || failure->code == EX_NOINPUT || failure->code == EX_OSERR);
    CHECK(strncmp(failure->message, INPUT, strlen(INPUT)) == 0);
    CHECK(is_one_line(failure->message));
}

#ifdef ARENA_GUARDED
/* What malloc and its kin have given out since the input began, and the most that it ever was. */
static size_t live, peak;

static void allocated(const volatile void *memory, size_t size)
{
    (void)memory;
    live += size;
    peak = live > peak ? live : peak;
}

static void freed(const volatile void *memory)
{
    size_t size = memory ? __sanitizer_get_allocated_size(memory) : 0;
    live -= size < live ? size : live; // what was allocated before the input began isn't counted
}

static void check_memory(const Arena *arena, size_t before, size_t size)
{
    size_t used = peak + arena_touched(arena) - before + memory_file_arena_bytes();
    size_t limit = harness.factor * size + harness.constant;
    if (used <= limit)
        return;
    fprintf(stderr, "%s: %zu bytes of memory for an input of %zu: the limit is %zu\n", harness.name,
            used, size, limit);
    abort();
}

static void watch(void)
{
    __sanitizer_install_malloc_and_free_hooks(allocated, freed);
}

static void forget(Arena *arena)
{
    live = peak = 0;
    *(char **)arena->base = arena->next;
}

#else
static size_t arena_touched(const Arena *arena)
{
    (void)arena;
    return 0;
}
static void check_memory(const Arena *arena, size_t before, size_t size)
{
    (void)arena;
    (void)before;
    (void)size;
}
static void watch(void)
{
}
static void forget(Arena *arena)
{
    (void)arena;
}
#endif

void harness_try(const uint8_t *bytes, size_t size)
{
    static Arena arena;
    Failure failure = { 0 };
    if (!arena.base) {
        CHECK(arena_open(&arena, ARENA_BYTES, &failure));
        parallel_threads(1);
        watch();
    }
    Arena empty = arena; // a copy: what the harness takes is given back with it
    forget(&empty);
    size_t before = arena_touched(&empty);
    memory_file_reset();
    memory_file(INPUT, bytes, size);
    harness.try(bytes, size, &empty);
    check_memory(&empty, before, size);
}
