/*
 * RecordReader: one record of an index at a time, read, verified and parsed. A part of the loader;
 * each thread has one. A record that is asked for again is not read again.
 */
#ifndef PODIUM_DATA_RECORD_READER_H
#define PODIUM_DATA_RECORD_READER_H

#include "common/data/dataset.h"
#include "common/data/shard_cache.h"
#include "common/data/video.h"

typedef struct RecordReader {
    ShardCache *cache; // of the open record's index; NULL: no record is open
    uint32_t record;
    const TfrecordReader *shard;
    Record bytes;
    const char *where; // "file:byte", for messages
    Video *video;
    const VideoFeature *feature[DATASET_MOST_FEATURES]; // in the order of the features asked for
} RecordReader;

/*
 * Open a record of the cache's index.
 *
 *   features  what it must have: all of their widths, all frames or all floats
 *   scratch   a record's labels and ratings live there while it is open
 *   failure   EX_DATAERR: a checksum that fails, not the indexed record, a feature that is missing
 */
bool record_open(RecordReader *reader, ShardCache *cache, uint32_t record,
                 const FeatureSpecs *features, bool frames, Arena scratch, Failure *failure);

/* Give the open record back, if there is one. */
void record_close(RecordReader *reader);

/* Frames that all features have, up to `most`; 1 for lists of floats. */
size_t record_frames(const RecordReader *reader, const FeatureSpecs *features, bool frames,
                     size_t most);

#endif
