#include "common/data/feature.h"

static bool is_list(const WireField *field)
{
    return field->type == WIRE_BYTES && field->number >= FEATURE_BYTES
        && field->number <= FEATURE_INTEGERS;
}

FeatureValues feature_values(WireMerged feature)
{
    FeatureValues values = { FEATURE_ABSENT, feature, wire_of(NULL, 0) };
    WireMerged before = feature;
    WireField field;
    while (wire_merged_next(&feature, &field)) {
        if (is_list(&field) && field.number != (uint32_t)values.kind) {
            values.kind = (FeatureKind)field.number;
            values.lists = before; // the lists of other kinds so far are gone
        }
        before = feature;
    }
    if (wire_merged_problem(&feature))
        values.lists = feature;
    return values;
}

/* Whether a field is a run of values of that kind; anything else is a field that nobody knows. */
static bool is_run(FeatureKind kind, const WireField *field)
{
    return field->number == 1
        && (field->type == WIRE_BYTES || (kind == FEATURE_FLOATS && field->type == WIRE_32)
            || (kind == FEATURE_INTEGERS && field->type == WIRE_VARINT));
}

bool feature_next_run(FeatureValues *values, WireField *run)
{
    WireField list;
    for (;;) {
        while (wire_next(&values->values, run)) {
            if (!is_run(values->kind, run))
                continue;
            if (values->kind != FEATURE_FLOATS || run->size % sizeof(float) == 0)
                return true;
            values->values.problem = "packed floats end inside a float";
            return false;
        }
        do {
            if (values->values.problem || !wire_merged_next(&values->lists, &list))
                return false;
        } while (!is_list(&list));
        values->values = wire_inside(&list);
    }
}

const Wire *feature_problem(const FeatureValues *values)
{
    return values->values.problem ? &values->values : wire_merged_problem(&values->lists);
}
