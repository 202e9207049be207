/*
 * Arena: memory that is freed all at once, by whoever opened it.
 *
 * `Arena *arena` as a parameter means "the result lives here"; `Arena scratch`, by value, is
 * working space that is gone when the function returns. An arena reserves address space; pages are
 * taken as they are used. Not safe for use by several threads at once.
 *
 * Under the address sanitizer a few bytes behind each allocation are poisoned, so that writing past
 * its end is found as it is with malloc.
 */
#ifndef PODIUM_BASE_ARENA_H
#define PODIUM_BASE_ARENA_H

#include "common/base/failure.h"

typedef struct Arena {
    char *base; // start of the reservation; NULL: not open
    char *next; // first free byte
    char *end;  // one past the last byte
} Arena;

/*
 * Reserve address space for an arena. Release it with arena_close.
 *
 *   capacity_bytes  the most that can ever be allocated; ARENA_LARGE where nothing smaller is known
 *   failure         EX_OSERR: the address space can't be had
 */
bool arena_open(Arena *arena, size_t capacity_bytes, Failure *failure);
#define ARENA_LARGE ((size_t)1 << 36)

/* Give everything back. Closing an arena that is not open does nothing. */
void arena_close(Arena *arena);

/*
 * Zeroed memory for `count` elements of `size` bytes, aligned to 64 bytes (a cache line, a vector).
 * NULL with EX_OSERR where the arena is full or count * size overflows. Zero elements give a valid
 * pointer that must not be read.
 */
void *arena_allocate(Arena *arena, size_t count, size_t size, Failure *failure);

/*
 * More zeroed memory right behind what was allocated last, which was a multiple of 64 bytes: how an
 * array that is alone in its arena grows in place.
 */
void *arena_extend(Arena *arena, size_t count, size_t size, Failure *failure);

/* pointer = zeroed array of count elements of its own type; true, or false with the failure filled.
 */
#define arena_array(arena, pointer, count, failure)                                                \
    (((pointer) = arena_allocate((arena), (count), sizeof *(pointer), (failure))) != NULL)

/* A string in the arena, formatted as printf does; NULL with EX_OSERR where the arena is full. */
char *arena_format(Arena *arena, Failure *failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A copy of `length` bytes in the arena, with a zero byte after them. */
char *arena_copy(Arena *arena, const void *bytes, size_t length, Failure *failure);

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define ARENA_GUARDED
#endif
#elif defined __SANITIZE_ADDRESS__
#define ARENA_GUARDED
#endif
#ifdef ARENA_GUARDED
#define ARENA_GUARD_BYTES ((size_t)64) // before the first allocation, and behind each

/* The most bytes that were ever allocated, through copies of the arena too. */
size_t arena_touched(const Arena *arena);
#endif

#endif
