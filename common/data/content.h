/*
 * Content: which kind of file some bytes are, told from them and never from a name.
 */
#ifndef PODIUM_DATA_CONTENT_H
#define PODIUM_DATA_CONTENT_H

#include "common/base/file.h"

typedef enum Content {
    CONTENT_UNKNOWN,
    CONTENT_RECORDS, // TFRecords, compressed or not; also an empty file
    CONTENT_EVENTS,  // TFRecords of TensorBoard's events
    CONTENT_SAFETENSORS,
    CONTENT_JSON,
    CONTENT_TEXT, // CSV and all other text
} Content;

/* Which kind a file is that was mapped from `path`. */
Content content_of(const MappedFile *file, const char *path);

/* "TFRecords", "safetensors", ... */
const char *content_name(Content content);

#endif
