/*
 * SoftShards: segments with a model's scores as labels, as TFRecord shards that any reader of the
 * dataset's segments reads.
 *
 * A record is a video: the frames of its segments, one segment after another, so they begin at
 * seconds 0, 5, 10, ... of the record; its labels; for each segment and each of the video's labels a
 * rating, with the model's probability as its score; and segment_origins, where in the video each
 * segment began. Source: papers/soft-label-2019-10th, 3.2 and figure 2.
 */
#ifndef PODIUM_LEARN_SOFT_SHARDS_H
#define PODIUM_LEARN_SOFT_SHARDS_H

#include "common/artifact/folder.h"
#include "common/learn/predictor.h"
#include "common/learn/segment_draw.h"
#include "common/learn/source.h"

#define SOFT_SHARD_SEGMENTS ((size_t)4000) // about 25 MB: 5 frames of 1,170 bytes each
#define SOFT_RECORD_SEGMENTS ((size_t)60)  // 300 frames: more are cut off by readers

/*
 * Score a drawn set and write it, shard by shard; shards that a stopped run under this key has
 * closed are not made again.
 *
 *   source     of the videos: no shard is closed unless they stayed as they were
 *   predictor  whose loader lists segments of the drawn source
 *   shards     how many; 0: as many as have SOFT_SHARD_SEGMENTS each
 *   failure    EX_DATAERR: a label beyond the model's classes, a video with more than
 *              SOFT_RECORD_SEGMENTS segments (says which; before the first shard); what
 *              predictor_each says
 */
bool soft_shards_write(ArtifactFolder *folder, const Source *source, const Predictor *predictor,
                       const SegmentDraw *draw, size_t shards, Failure *failure);

#endif
