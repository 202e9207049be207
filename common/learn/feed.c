#include "common/learn/feed.h"

void feed_bounds(const Feed *feed, LoaderBounds bounds, size_t axes[FEED_MOST_AXES])
{
    axes[feed->batch->number] = bounds.samples;
    if (feed->frames)
        axes[feed->frames->number] = bounds.rows;
    if (feed->labels)
        axes[feed->labels->number] = bounds.labels;
}

static bool bind_features(const Feed *feed, Plan *plan, const Batch *batch, Failure *failure)
{
    if (feed->frames && !batch->frames)
        return fail(failure, EX_DATAERR,
                    "the model reads frames; the features are means of videos; index frame-level "
                    "shards");
    if (!feed->frames && !batch->values)
        return fail(failure, EX_DATAERR,
                    "the model reads means of videos; the features are frames; index video-level "
                    "shards");
    plan_bind_input(plan, feed->features,
                    feed->frames ? (const void *)batch->frames : (const void *)batch->values);
    return !feed->frames
        || plan_bind_rows(plan, feed->frames, batch->rows, batch->row_first, failure);
}

bool feed_bind(const Feed *feed, Plan *plan, const Batch *batch, Failure *failure)
{
    if (!plan_bind_rows(plan, feed->batch, batch->count, NULL, failure)
        || !bind_features(feed, plan, batch, failure))
        return false;
    if (!feed->labels)
        return true;
    plan_bind_input(plan, feed->label_classes, batch->label_class);
    plan_bind_input(plan, feed->label_scores, batch->label_score);
    return plan_bind_rows(plan, feed->labels, batch->label_first[batch->count], batch->label_first,
                          failure);
}
