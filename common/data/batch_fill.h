/*
 * Filling a batch: from numbers of samples to features and labels. A part of the loader.
 */
#ifndef PODIUM_DATA_BATCH_FILL_H
#define PODIUM_DATA_BATCH_FILL_H

#include "common/data/loader.h"
#include "common/data/record_reader.h"
#include "common/data/sampler.h"

/* What all threads share; nothing of it changes but the caches. */
typedef struct BatchSource {
    LoaderSettings settings;
    Sampler sampler;
    PhiloxKey thinning, choosing; // of frames: by batch, by sample
    ShardCache caches[LOADER_MOST_SOURCES];
    bool frames; // the features are lists of frames
    LoaderBounds bounds;
} BatchSource;

/* A batch's memory, and what is in it. */
typedef struct BatchMemory {
    Batch batch; // points to what follows
    uint32_t *source, *record, *start, *row_first, *label_first, *label_class;
    float *label_score, *values;
    uint8_t *frames;
    uint32_t *numbers; // of one sample's frames, while it is filled
} BatchMemory;

/* Find out what the features are, from the first record, and how large a batch can get. */
bool batch_source_measure(BatchSource *source, Arena scratch, Failure *failure);

/* Memory for the largest batch. */
bool batch_memory_make(BatchMemory *memory, const BatchSource *source, Arena *arena,
                       Failure *failure);

/* Fill a batch with the samples from `first` on. Scratch: one record's labels and ratings. */
bool batch_fill(BatchMemory *memory, BatchSource *source, uint64_t first, Arena scratch,
                Failure *failure);

#endif
