#include "common/rank/average_precision.h"
#include "common/rank/radix.h"
#include "common/rank/ranked.h"

double average_precision_value(const AveragePrecision *list, uint64_t positives)
{
    return positives ? list->sum / (double)positives : 0;
}

/* AP over the first n ranks; `bits` holds the positive in the lowest bit of each `stride` bytes. */
static double value_of(const uint8_t *bits, size_t stride, size_t count, size_t n,
                       uint64_t positives)
{
    AveragePrecision list = { 0 };
    uint64_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += bits[i * stride] & 1;
    for (size_t i = 0; i < count && i < n; i++)
        average_precision_add(&list, bits[i * stride] & 1);
    positives = positives == POSITIVES_OF_LIST ? found : positives;
    return average_precision_value(&list, positives < n ? positives : n);
}

double average_precision_of_ranking(const uint8_t *positive, size_t count, size_t n,
                                    uint64_t positives)
{
    return value_of(positive, 1, count, n, positives);
}

bool average_precision_of_scores(const float *scores, const uint8_t *positive, size_t count,
                                 size_t n, uint64_t positives, double *value, Arena scratch,
                                 Failure *failure)
{
    uint64_t *numbers, *spare;
    if (!arena_array(&scratch, numbers, count, failure)
        || !arena_array(&scratch, spare, count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        numbers[i] = (uint64_t)~order_of_float(scores[i]) << 32 | (positive[i] != 0);
    numbers = radix_sort_upper(numbers, spare, count);
    *value = value_of((const uint8_t *)numbers, sizeof *numbers, count, n, positives);
    return true;
}
