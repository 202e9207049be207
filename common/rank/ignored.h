/*
 * Ignored: what a contest doesn't count, by kind. It is said, and changes no exit code.
 */
#ifndef PODIUM_RANK_IGNORED_H
#define PODIUM_RANK_IGNORED_H

#include <stdint.h>

typedef struct Ignored {
    uint64_t repeated_rows;    // of a video or class that was there before
    uint64_t repeated_entries; // of a class in its video, of a rated segment in its class
    uint64_t unknown_ids;      // videos that the truth doesn't know; segments, where it knows none
    uint64_t unknown_classes;  // classes that don't exist, or have no rating
    uint64_t beyond;           // entries after the first K of a row
    uint64_t missing;          // videos or classes of the truth without a row: they score 0
} Ignored;

#endif
