#!/usr/bin/python3
"""Soft-label shards, by their definition: papers/soft-label-2019-10th, 3.2 and figure 2.

    soft_labels.py               write soft-labels.tfrecord, which tests/unit/test_soft_shards.c must reproduce
    soft_labels.py check FILE... hold shards that softlabel wrote against what each record must be

The network is p = sigmoid(b + W mean(x)), in double here; its weights, the videos and the drawn segments are
those of the test. Records are serialised by Google's protobuf runtime.
"""
import os
import sys

import numpy
from tf_example import frame, messages, records

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = messages(True)["SequenceExample"]
CLASSES, WIDTHS, SEGMENT = 4, {"rgb": 4, "audio": 2}, 5
LISTS = ("start_times", "end_times", "labels")

# id, labels, (second, how often)...
DRAWN = [("aa", [1, 3], [(5, 1), (15, 1)]), ("ab", [0], [(295, 1)]), ("ba", [0, 2, 3], [(0, 3)]),
         ("bb", [2], [(0, 1), (10, 2), (290, 1)])]


def rows(name, start):
    """Frames start .. start + 4 of a video: bytes [5, 6]."""
    f, j = numpy.mgrid[start:start + SEGMENT, 0:6]
    return (37 * ord(name[0]) + 11 * ord(name[1]) + 5 * f + j & 255).astype(numpy.uint8)


def probabilities(frames):
    j, c = numpy.mgrid[0:6, 0:CLASSES]
    weights, bias = ((7 * c + 3 * j) % 11 - 3) / 16, (numpy.arange(CLASSES) - 1) / 4
    mean = (frames * (4 / 255) - 1.9921875).mean(axis=0)
    return 1 / (1 + numpy.exp(-(mean @ weights + bias)))


def record(name, labels, segments):
    message = EXAMPLE()
    context, lists = message.context.feature, message.feature_lists.feature_list
    context["id"].bytes_list.value.append(name.encode())
    context["labels"].int64_list.value.extend(labels)
    at = 0
    for start in [start for start, times in segments for _ in range(times)]:
        frames = rows(name, start)
        scores = probabilities(frames)
        context["segment_origins"].int64_list.value.append(start)
        for label in labels:
            for key, value in zip(LISTS, (at, at + SEGMENT, label)):
                context["segment_" + key].int64_list.value.append(value)
            context["segment_scores"].float_list.value.append(scores[label])
        column = 0
        for key, width in WIDTHS.items():
            for row in frames[:, column:column + width]:
                lists[key].feature.add().bytes_list.value.append(row.tobytes())
            column += width
        at += SEGMENT
    return message.SerializeToString(deterministic=True)


def check(payload, where):
    """What holds for every record, whichever model and videos it comes from."""
    message = EXAMPLE.FromString(payload)
    context = message.context.feature
    labels = list(context["labels"].int64_list.value)
    origins = list(context["segment_origins"].int64_list.value)
    starts, ends, classes = (list(context["segment_" + key].int64_list.value) for key in LISTS)
    scores = list(context["segment_scores"].float_list.value)
    n, j = len(origins), len(labels)
    assert 1 <= n <= 60 and j >= 1 and len(context["id"].bytes_list.value[0]) > 0, where
    assert starts == [SEGMENT * i for i in range(n) for _ in range(j)], where
    assert ends == [start + SEGMENT for start in starts] and classes == labels * n, where
    assert len(scores) == n * j and all(0 <= score <= 1 for score in scores), where
    assert origins == sorted(origins) and all(origin % SEGMENT == 0 for origin in origins), where
    for name, frames in message.feature_lists.feature_list.items():
        sizes = {len(f.bytes_list.value[0]) for f in frames.feature}
        assert len(frames.feature) == n * SEGMENT and len(sizes) == 1, f"{where}: {name}"
    return n


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        counts = [check(payload, f"{path}: record {i}") for path in sys.argv[2:]
                  for i, payload in enumerate(records(path))]
        print(f"{len(counts)} videos, {sum(counts)} segments: as they must be")
    else:
        with open(f"{HERE}/soft-labels.tfrecord", "wb") as file:
            file.write(b"".join(frame(record(*drawn)) for drawn in DRAWN))
