/*
 * Feed: where a batch enters a graph.
 */
#ifndef PODIUM_LEARN_FEED_H
#define PODIUM_LEARN_FEED_H

#include "common/data/loader.h"
#include "common/tensor/plan.h"

/* The row axes and inputs of a network; models/layers/network.h makes them. */
typedef struct Feed {
    const Rows *batch, *frames, *labels; // frames: NULL for video-level; labels: NULL without loss
    Tensor features, label_classes, label_scores;
    const Rows *stored; // of features, where frames are listed rows of them; or NULL
    Tensor list;        // which: indices [frames, 1]
} Feed;

/* Samples that are listed `times` over: frames list[i], sample j has those of offsets[j] .. [j + 1]. */
typedef struct FeedList {
    size_t samples;
    const uint32_t *list, *offsets; // [offsets[samples]], [samples + 1]
} FeedList;

/* Bounds of the graph's row axes, in their order, for plan_create. At most FEED_MOST_AXES. */
#define FEED_MOST_AXES 4
void feed_bounds(const Feed *feed, LoaderBounds bounds, size_t axes[FEED_MOST_AXES]);

/* The same, where a batch's samples, and their frames, are listed so many times. */
void feed_bounds_listed(const Feed *feed, LoaderBounds bounds, size_t times,
                        size_t axes[FEED_MOST_AXES]);

/*
 * Bind a batch to a plan, or samples begin .. end - 1 of it (plan_bind_part); it is borrowed until
 * the run is over.
 *
 *   failure  EX_DATAERR: features of the other kind (frames, or means of videos)
 */
bool feed_bind(const Feed *feed, Plan *plan, const Batch *batch, Failure *failure);
bool feed_bind_part(const Feed *feed, Plan *plan, const Batch *batch, size_t begin, size_t end,
                    Failure *failure);

/* The same, without labels, where frames are listed: of the batch's rows. */
bool feed_bind_listed(const Feed *feed, Plan *plan, const Batch *batch, const FeedList *list,
                      Failure *failure);

#endif
