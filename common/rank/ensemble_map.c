#include "common/rank/ensemble_map.h"
#include "common/base/parallel.h"
#include "common/rank/average_precision.h"
#include "common/rank/rank_fusion.h"
#include "common/rank/ranked.h"

#include <stdlib.h>

bool ensemble_class_reserve(EnsembleClass *class, const EnsembleMap *map, Arena *arena,
                            Failure *failure)
{
    size_t values = class->count * map->members;
    return arena_array(arena, class->tie, class->count, failure)
        && arena_array(arena, class->positive, class->rated, failure)
        && arena_array(arena, class->order, class->rated, failure)
        && arena_array(arena, class->ahead, class->rated, failure)
        && (map->of_ranks ? arena_array(arena, class->ranks, values, failure)
                          : arena_array(arena, class->scores, values, failure));
}

bool ensemble_map_finish(EnsembleMap *map, Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < map->class_count; i++) {
        const EnsembleClass *class = &map->classes[i];
        map->rated += class->rated;
        map->rivals += class->count - class->rated;
        map->positives += class->positives;
    }
    if (map->positives == 0)
        return fail(failure, EX_DATAERR,
                    "the truth has no rating that is positive; give the ratings of a hold-out");
    if (map->rated == 0)
        return fail(
            failure, EX_DATAERR,
            "no member knows any of the rated segments; give files of the truth's segments");
    return !map->of_ranks
        || arena_array(arena, map->points, map->members * (map->longest + 1), failure);
}

/* What an evaluation is of. */
typedef struct Evaluation {
    EnsembleMap *map;
    const double *weights;
    double w0, sum; // sum: of the weights, in the order of the members
} Evaluation;

/* The fused score of a class's segment, as a number that orders as it does. */
static uint64_t fused(const Evaluation *at, const EnsembleClass *class, size_t segment)
{
    const EnsembleMap *map = at->map;
    if (!map->of_ranks) {
        const float *scores = class->scores + segment * map->members;
        double score = 0;
        for (size_t i = 0; i < map->members; i++)
            score += at->weights[i] / at->sum * (double)scores[i];
        return order_of_float((float)score);
    }
    const uint32_t *ranks = class->ranks + segment * map->members;
    uint64_t points = 0;
    for (size_t i = 0; i < map->members; i++)
        points += map->points[i * (map->longest + 1) + ranks[i]];
    return points;
}

static int best_first(const void *a, const void *b)
{
    const EnsembleRated *x = a, *y = b;
    int order = (x->score < y->score) - (x->score > y->score);
    return order ? order : (x->tie > y->tie) - (x->tie < y->tie);
}

/* Count each rival at the first rated segment that it stands ahead of. */
static void count_rivals(const Evaluation *at, const EnsembleClass *class)
{
    memset(class->ahead, 0, class->rated * sizeof *class->ahead);
    for (size_t i = class->rated; i < class->count; i++) {
        EnsembleRated rival = { fused(at, class, i), class->tie[i], 0 };
        size_t low = 0, high = class->rated;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (best_first(&class->order[middle], &rival) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < class->rated)
            class->ahead[low]++;
    }
}

static void evaluate_class(const Evaluation *at, EnsembleClass *class)
{
    AveragePrecision list = { 0 };
    bool cut = class->count > at->map->top;
    uint64_t place = 0; // in the fused list; of no use where nothing is cut
    for (size_t i = 0; i < class->rated; i++)
        class->order[i] = (EnsembleRated){ fused(at, class, i), class->tie[i], class->positive[i] };
    if (class->rated > 1)
        qsort(class->order, class->rated, sizeof *class->order, best_first);
    if (cut)
        count_rivals(at, class);
    for (size_t i = 0; i < class->rated; i++) {
        place += 1 + (cut ? class->ahead[i] : 0);
        if (place > at->map->top || (at->map->of_ranks && class->order[i].score == 0))
            break; // cut, or listed by none that has a weight
        average_precision_add(&list, class->order[i].positive);
    }
    class->value = average_precision_value(&list, class->positives);
}

static void evaluate_classes(void *context, size_t begin, size_t end)
{
    const Evaluation *at = context;
    for (size_t i = begin; i < end; i++)
        evaluate_class(at, &at->map->classes[i]);
}

/* What each member gives for its ranks. */
static void fill_points(void *context, size_t begin, size_t end)
{
    const Evaluation *at = context;
    const EnsembleMap *map = at->map;
    const RankFusion fusion = { .weights = at->weights, .count = map->members, .w0 = at->w0 };
    for (size_t i = begin; i < end; i++) {
        PlacePoints points = rank_points(&fusion, i);
        for (size_t rank = 1; rank <= map->longest; rank++)
            map->points[i * (map->longest + 1) + rank] = place_points(points, (uint32_t)(rank - 1));
    }
}

double ensemble_map_value(EnsembleMap *map, const double *weights, double w0)
{
    Evaluation at = { map, weights, w0, 0 };
    double sum = 0;
    for (size_t i = 0; i < map->members; i++)
        at.sum += weights[i];
    if (map->of_ranks)
        parallel_for(map->members, 1, fill_points, &at);
    parallel_for(map->class_count, 8, evaluate_classes, &at);
    for (size_t i = 0; i < map->class_count; i++)
        sum += map->classes[i].value;
    return sum / (double)map->class_count;
}
