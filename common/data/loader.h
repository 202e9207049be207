/*
 * Loader: batches of samples, read, verified and decoded by threads ahead of the one that uses
 * them.
 *
 *   while (loader_next(loader, &batch, failure)) {
 *       ... use batch ...
 *       loader_release(loader);
 *   }
 *
 * Batches come strictly in order, with the same content for any number of threads. All memory is
 * taken when the loader is created and used again and again.
 */
#ifndef PODIUM_DATA_LOADER_H
#define PODIUM_DATA_LOADER_H

#include "common/data/dataset.h"
#include "common/data/frames.h"
#include "common/data/subset.h"

#define LOADER_SEGMENT_FRAMES 5          // frames, and seconds, of a segment
#define LOADER_MOST_FRAMES ((size_t)300) // of a video that readers take: spec/data-and-metrics 3.6

#define LOADER_MOST_SOURCES 16

/* What a sample is. */
typedef enum LoaderUnit {
    LOAD_VIDEOS,          // a record; its labels, each with score 1
    LOAD_RATED_SEGMENTS,  // a rated segment of a record; its ratings
    LOAD_ALL_SEGMENTS,    // a record, which gives a row of samples: starts 0, 5, 10, ...; no labels
    LOAD_LISTED_SEGMENTS, // a segment of `listed`, of the one source; no labels
} LoaderUnit;

/* Where samples come from: an index, a part of it, and the folder with its shards. */
typedef struct LoaderSource {
    const ShardIndex *index;
    const Subset *subset; // of the index; NULL: all of it
    const char *folder;   // of the shards: shard_index_folder
} LoaderSource;

/* A segment by its record in the index and the second where it begins. */
typedef struct LoaderSegment {
    uint32_t record, start;
} LoaderSegment;

typedef struct LoaderSettings {
    LoaderSource sources[LOADER_MOST_SOURCES]; // one population, in this order
    size_t source_count;
    const FeatureSpecs *features; // all lists of frames, or all lists of floats
    LoaderUnit unit;
    const LoaderSegment *listed; // LOAD_LISTED_SEGMENTS; neighbours of one record cost one reading
    uint64_t listed_count;
    size_t batch; // samples (records, for LOAD_ALL_SEGMENTS) in a batch; the last has the rest
    size_t most_frames; // of a video, from its beginning; 0: LOADER_MOST_FRAMES
    /*
     * Which frames of its video, or segment, a sample has. One factor and offset of thinning for a
     * batch, drawn under (seed, number of its first sample); all else under (seed, epoch, id, start):
     * the same however batches are cut. Not for LOAD_ALL_SEGMENTS, which has all.
     */
    FrameSampling sampling;
    uint32_t classes; // labels must be below; 0: any
    bool shuffle;
    uint64_t seed, window; // see sampler.h
    uint64_t first, end;   // samples to deliver, counted over epochs of loader_size samples
    size_t threads;        // 0: one
    size_t ahead;          // batches that may be ready at once; 0: threads + 2
    size_t open_shards;    // mapped at once; 0: SHARD_CACHE_MOST_OPEN
} LoaderSettings;

/*
 * Samples that belong together, each with `rows` of features and ragged labels. Valid until
 * loader_release.
 *
 * Features come in `width` columns, in the order of the settings: frames as packed bytes, the rows
 * of all samples one after another; lists of floats as one row a sample.
 */
typedef struct Batch {
    uint64_t first;            // number of the first sample asked for, as in settings.first
    uint64_t next;             // number of the first sample after this batch: where to resume
    size_t count;              // samples in it
    size_t width, rows;        // columns, and rows of all samples
    const uint32_t *source;    // [count] numbers of settings.sources
    const uint32_t *record;    // [count] numbers in the index; record_id gives the id
    const uint32_t *start;     // [count] second where a segment begins; 0 for a video
    const uint32_t *row_first; // [count + 1] the rows of sample i: row_first[i] .. row_first[i + 1]
    const uint8_t *frames;     // [rows, width]; NULL for floats
    const float *values;       // [rows, width]; NULL for frames
    const uint32_t *label_first; // [count + 1]
    const uint32_t *label_class; // [label_first[count]]
    const float *label_score;    // [label_first[count]]
} Batch;

typedef struct Loader Loader;

/* How many samples an epoch has: records or segments, of all sources. */
uint64_t loader_size(const LoaderSettings *settings);

/* The most that a batch can have, as the indexes say it. */
typedef struct LoaderBounds {
    size_t samples, rows, labels;
} LoaderBounds;
LoaderBounds loader_bounds(const LoaderSettings *settings);

/*
 * Look at all labels, or ratings, before the first batch is read: what would stop the loader in the
 * middle of an epoch stops it here.
 *
 *   left_out  segments that begin behind their video's last frame, and samples without a frame:
 *             no batch will have them
 *   failure   EX_DATAERR: a class that is not below settings.classes; a score outside [0, 1] (says
 *             the index, the video, the segment). Nothing left to load
 */
bool loader_check(const LoaderSettings *settings, uint64_t *left_out, Failure *failure);

/*
 * Make a loader and start its threads. Close it with loader_close before the arena.
 *
 *   failure  EX_DATAERR: no samples; a first record without the features, or with some that are
 *            frames and some that are not. EX_USAGE: a size of 0. EX_OSERR: no memory or threads
 *   memory   `ahead` batches
 */
bool loader_create(Loader **loader, const LoaderSettings *settings, Arena *arena, Failure *failure);

/*
 * Wait for the next batch. Who doesn't give a batch back before holds both, of `ahead`.
 *
 *   Segments and videos without a single frame are left out of their batch, which may be empty.
 *   returns  false at the end, and where something failed; the same again when called again
 *   failure  EX_DATAERR: a record that fails its checksum, or is not the indexed one, or has not
 *            the features; a label that is not below `classes` (says the record). EX_NOINPUT
 */
bool loader_next(Loader *loader, const Batch **batch, Failure *failure);

/* Give the oldest batch that is held back, so that its memory can be used again. None: does nothing. */
void loader_release(Loader *loader);

/* Stop the threads and close the shards, at any moment. NULL does nothing. */
void loader_close(Loader *loader);

#endif
