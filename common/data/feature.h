/*
 * Feature: the values of one tf.Feature, run by run, where they stand on the wire.
 *
 *   Feature  = oneof { bytes_list = 1, float_list = 2, int64_list = 3 }
 *   BytesList, FloatList, Int64List = repeated value = 1
 *
 * Numbers may be packed, unpacked or both, in several runs. By protobuf's rule for a repeated oneof
 * the last kind counts, and all lists of that kind since another kind stood there are merged.
 *
 * Source: TensorFlow, core/example/feature.proto; spec/data-and-metrics 2.1, 2.2.
 */
#ifndef PODIUM_DATA_FEATURE_H
#define PODIUM_DATA_FEATURE_H

#include "common/data/wire.h"

/* What a Feature holds; the numbers are those of the oneof. */
typedef enum FeatureKind {
    FEATURE_ABSENT, // no kind is set: the same as no Feature
    FEATURE_BYTES,
    FEATURE_FLOATS,
    FEATURE_INTEGERS,
} FeatureKind;

typedef struct FeatureValues {
    FeatureKind kind;
    WireMerged lists; // the Feature's fields from the first list that counts
    Wire values;      // the list being read
} FeatureValues;

/* The values of a Feature that stands in one or several pieces. */
FeatureValues feature_values(WireMerged feature);

/*
 * The next run of values: one byte string; packed floats, or one, as bytes; packed varints as bytes
 * (type WIRE_BYTES), or one as run->value (type WIRE_VARINT). False at the end and where the bytes
 * are malformed.
 */
bool feature_next_run(FeatureValues *values, WireField *run);

/* The part that is malformed, or NULL. */
const Wire *feature_problem(const FeatureValues *values);

#endif
