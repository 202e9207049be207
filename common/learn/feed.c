#include "common/learn/feed.h"

void feed_bounds(const Feed *feed, LoaderBounds bounds, size_t axes[FEED_MOST_AXES])
{
    feed_bounds_listed(feed, bounds, 1, axes);
}

void feed_bounds_listed(const Feed *feed, LoaderBounds bounds, size_t times,
                        size_t axes[FEED_MOST_AXES])
{
    axes[feed->batch->number] = bounds.samples * times;
    if (feed->frames)
        axes[feed->frames->number] = bounds.rows * times;
    if (feed->stored)
        axes[feed->stored->number] = bounds.rows;
    if (feed->labels)
        axes[feed->labels->number] = bounds.labels;
}

/* Samples begin .. end - 1 of a batch. */
typedef struct Part {
    const Batch *batch;
    size_t begin, end;
} Part;

/* What belongs to these samples, where each sample's begins at first[sample]. */
static PlanPart belonging(const Part *part, const uint32_t *first)
{
    return (PlanPart){ first[part->begin], first[part->end] - first[part->begin],
                       first[part->batch->count] };
}

/* Refuse features of the other kind. */
static bool check_features(const Feed *feed, const Batch *batch, Failure *failure)
{
    if (feed->frames && !batch->frames)
        return fail(failure, EX_DATAERR,
                    "the model reads frames; the features are means of videos; index frame-level "
                    "shards");
    if (!feed->frames && !batch->values)
        return fail(failure, EX_DATAERR,
                    "the model reads means of videos; the features are frames; index video-level "
                    "shards");
    return true;
}

static bool bind_features(const Feed *feed, Plan *plan, const Part *part, Failure *failure)
{
    const Batch *batch = part->batch;
    if (!check_features(feed, batch, failure))
        return false;
    if (!feed->frames) {
        plan_bind_input(plan, feed->features, batch->values + part->begin * batch->width);
        return true;
    }
    plan_bind_input(plan, feed->features,
                    batch->frames + batch->row_first[part->begin] * batch->width);
    return plan_bind_part(plan, feed->frames, belonging(part, batch->row_first),
                          batch->row_first + part->begin, failure);
}

static bool bind_labels(const Feed *feed, Plan *plan, const Part *part, Failure *failure)
{
    const Batch *batch = part->batch;
    PlanPart labels = belonging(part, batch->label_first);
    plan_bind_input(plan, feed->label_classes, batch->label_class + labels.first);
    plan_bind_input(plan, feed->label_scores, batch->label_score + labels.first);
    return plan_bind_part(plan, feed->labels, labels, batch->label_first + part->begin, failure);
}

bool feed_bind_part(const Feed *feed, Plan *plan, const Batch *batch, size_t begin, size_t end,
                    Failure *failure)
{
    Part part = { batch, begin, end };
    return plan_bind_part(plan, feed->batch, (PlanPart){ begin, end - begin, batch->count }, NULL,
                          failure)
        && bind_features(feed, plan, &part, failure)
        && (!feed->labels || bind_labels(feed, plan, &part, failure));
}

bool feed_bind(const Feed *feed, Plan *plan, const Batch *batch, Failure *failure)
{
    return feed_bind_part(feed, plan, batch, 0, batch->count, failure);
}

bool feed_bind_listed(const Feed *feed, Plan *plan, const Batch *batch, const FeedList *list,
                      Failure *failure)
{
    if (!check_features(feed, batch, failure))
        return false;
    plan_bind_input(plan, feed->features, batch->frames);
    plan_bind_input(plan, feed->list, list->list);
    return plan_bind_rows(plan, feed->batch, list->samples, NULL, failure)
        && plan_bind_rows(plan, feed->stored, batch->rows, NULL, failure)
        && plan_bind_rows(plan, feed->frames, list->offsets[list->samples], list->offsets, failure);
}
