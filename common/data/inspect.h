/*
 * Inspect: any artifact as text that people and programs read.
 *
 *   records of videos   one JSON object a record: id, frames, labels, features, segments
 *   events              TensorBoard's: one JSON object a value: step, tag, value
 *   safetensors         one JSON object: metadata; type, shape and digest of each tensor
 *   JSON                indented
 *   CSV                 one JSON object: rows, columns, the first rows
 *
 * The kind is told from the content, never from the name.
 */
#ifndef PODIUM_DATA_INSPECT_H
#define PODIUM_DATA_INSPECT_H

#include "common/base/arena.h"

#include <stdint.h>
#include <stdio.h>

/* Which records, events or rows to print: first .. end - 1. */
typedef struct InspectRange {
    uint64_t first, end;
    bool given; // false: all records and events, the first rows of a CSV
} InspectRange;

/* Parse "0:10", "5:", ":10" or "7" (one record). EX_USAGE. */
bool inspect_range_parse(InspectRange *range, const char *text, Failure *failure);

/*
 * Print a file. Records are printed as they are read: memory doesn't grow with the file.
 *
 *   failure  EX_NOINPUT; EX_DATAERR: of no kind that is known, or damaged (what came before the
 *            damage was printed). EX_IOERR: `to` can't be written. false with EX_OK: nobody reads
 *            `to` any more.
 */
bool inspect_file(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure);

/* Go on printing? As inspect_file fails: for those who print step by step. */
bool inspect_goes_on(FILE *to, Failure *failure);

/* The printers of one kind each, for files that were recognised. */
bool inspect_records(const char *path, InspectRange range, FILE *to, Arena scratch,
                     Failure *failure);
bool inspect_events(const char *path, InspectRange range, FILE *to, Arena scratch,
                    Failure *failure);
bool inspect_safetensors(const char *path, InspectRange range, FILE *to, Arena scratch,
                         Failure *failure);
bool inspect_json(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure);
bool inspect_csv(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure);

#endif
