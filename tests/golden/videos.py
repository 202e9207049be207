#!/usr/bin/python3
"""Write the golden records of tests/unit/test_video.c and tests/pipeline/inspect.sh.

    videos.py DATA      DATA: folder with genuine YouTube-8M and AudioSet shards

X.tfrecord holds the records, X.jsonl what Google's protobuf runtime reads in them, a line each:
  yt8m-video   genuine, video-level: one record of each of the three map orders
  audioset     genuine, frame-level: clips of 1, 2 and 9 frames
  frames       serialised by the runtime: frame-level and segment records
  oddities     everything the wire format allows and no official record has
"""
import glob
import gzip
import hashlib
import json
import os
import struct
import sys
import zlib

import numpy
from tf_example import frame, messages, records

HERE = os.path.dirname(os.path.abspath(__file__))
PACKED, UNPACKED = messages(True), messages(False)


def values(feature):
    """The values of a Feature as bytes, one string for each value of a byte list."""
    kind = feature.WhichOneof("kind")
    if kind == "bytes_list":
        return list(feature.bytes_list.value)
    if kind == "float_list":
        return [numpy.array(feature.float_list.value, "<f4").tobytes()]
    return [numpy.array(feature.int64_list.value, "<i8").tobytes()]


def summary(frames, parts):
    data = b"".join(parts)
    return {"frames": frames, "bytes": len(data) // frames if frames else 0,
            "sha256": hashlib.sha256(data).hexdigest()}


class Float32(float):
    """A float that prints as the shortest text that gives the same float32 again."""
    def __repr__(self):
        return str(numpy.float32(self))


def segments(context):
    columns = [context["segment_" + name] for name in ("start_times", "end_times", "labels")] \
        if "segment_start_times" in context else []
    integers = [column.int64_list.value for column in columns]
    scores = context["segment_scores"].float_list.value if columns else []
    return [{"start": s, "end": e, "label": l, "score": Float32(x)}
            for s, e, l, x in zip(*integers, scores)] if columns else []


def expected(payload):
    message = PACKED["SequenceExample"].FromString(payload)
    context = {k: v for k, v in message.context.feature.items() if v.WhichOneof("kind")}
    lists = dict(message.feature_lists.feature_list)
    ids = [context[k].bytes_list.value[0] for k in ("id", "video_id")
           if k in context and context[k].bytes_list.value]
    special = {"id", "video_id", "labels", "segment_start_times", "segment_end_times",
               "segment_labels", "segment_scores"}
    features = {}
    for name, feature in context.items():
        if name not in special:
            features[name] = summary(1, values(feature))
    for name, feature_list in lists.items():
        features[name] = summary(len(feature_list.feature),
                                 [part for f in feature_list.feature for part in values(f)])
    counts = [len(feature_list.feature) for feature_list in lists.values()]
    labels = list(context["labels"].int64_list.value) if "labels" in context else []
    return {"id": ids[0].decode() if ids else None,
            "frames": max(counts) if counts else int(bool(features)), "labels": labels,
            "features": dict(sorted(features.items())), "segments": segments(context)}


def write(name, payloads):
    with open(f"{HERE}/{name}.tfrecord", "wb") as file:
        file.write(b"".join(map(frame, payloads)))
    with open(f"{HERE}/{name}.jsonl", "w") as file:
        for payload in payloads:
            file.write(dumps(expected(payload)) + "\n")


def dumps(value):
    """json.dumps, but floats print by their own repr."""
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + dumps(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumps, value)) + "]"
    return repr(value) if isinstance(value, Float32) else json.dumps(value, ensure_ascii=False)


def map_order(payload):
    return tuple(sorted((b"mean_rgb", b"mean_audio", b"\x02id", b"labels"), key=payload.find))


def genuine(data):
    orders = {}
    for payload in records(f"{data}/yt8m-2018-video-level/validate0000.tfrecord"):
        orders.setdefault(map_order(payload), payload)
    write("yt8m-video", list(orders.values()))
    clips = {}
    for path in sorted(glob.glob(f"{data}/audioset-frame-level/*.tfrecord")):
        for payload in records(path):
            clips.setdefault(expected(payload)["frames"], payload)
    write("audioset", [clips[n] for n in (1, 2, 9)])


def pattern(size, seed):
    return bytes((i * 7 + seed * 31 + i * i // 5) & 255 for i in range(size))


def video(name, frames, labels, ratings=(), widths=(1024, 128)):
    message = PACKED["SequenceExample"]()
    feature = message.context.feature
    feature["id"].bytes_list.value.append(name.encode())
    feature["labels"].int64_list.value.extend(labels)
    if ratings:
        for key, column in zip(("start_times", "end_times", "labels"), zip(*ratings)):
            feature["segment_" + key].int64_list.value.extend(column)
        feature["segment_scores"].float_list.value.extend(r[3] for r in ratings)
    for key, width in zip(("rgb", "audio"), widths):
        for i in range(frames):
            message.feature_lists.feature_list[key].feature.add().bytes_list.value.append(pattern(width, i))
    return message.SerializeToString(deterministic=True)


def frames():
    ratings = [(145, 150, 1036, 0.0), (110, 115, 1036, 0.0), (135, 140, 1036, 1.0), (155, 160, 1036, 0.3)]
    write("frames", [video("ab12", 12, [3, 1036]), video("cd34", 7, [375, 1036, 1062], ratings),
                     video("ef56", 301, [0], widths=(16, 4)), video("gh78", 0, [])])
    plain = open(f"{HERE}/frames.tfrecord", "rb").read()
    with open(f"{HERE}/frames.tfrecord.gz", "wb") as file:
        file.write(gzip.compress(plain, mtime=0))
    with open(f"{HERE}/frames.tfrecord.zlib", "wb") as file:
        file.write(zlib.compress(plain))


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def inside(number, data):
    """A field of wire type 2."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def entry(key, feature):
    return inside(1, inside(1, key.encode()) + inside(2, feature))


def feature(kind, wanted, schema=PACKED):
    message = schema["Feature"]()
    getattr(message, kind).value.extend(wanted)
    return message.SerializeToString()


def named(name, *entries):
    return inside(1, entry("id", feature("bytes_list", [name.encode()])) + b"".join(entries))


def oddities():
    unknown = varint(15 << 3) + varint(77) + varint(16 << 3 | 1) + bytes(8) + inside(17, b"?") + varint(999 << 3 | 5) + bytes(4)
    floats = lambda x, schema=PACKED: feature("float_list", x, schema)
    integers = lambda x, schema=PACKED: feature("int64_list", x, schema)
    frame_of = lambda data: inside(1, feature("bytes_list", [data]))
    mixed = inside(3, varint(8) + varint(5) + inside(1, varint(6) + varint(300)) + varint(8) + varint(7))
    packed_float = lambda *x: inside(1, struct.pack(f"<{len(x)}f", *x))
    runs = inside(2, packed_float(1, 2) + varint(13) + struct.pack("<f", 3) + packed_float() + packed_float(4.5))
    long_entry = inside(1, b"f\n") + inside(2, floats([6, 7]))
    write("oddities", [
        b"",
        named("empty-lists", entry("labels", integers([]))) + inside(2, b""),
        named("unpacked", entry("labels", integers([1, 2, 300], UNPACKED)), entry("f", floats([1.5, -2], UNPACKED))),
        named("mixed", entry("labels", mixed), entry("f", runs)),
        named("negative", entry("labels", integers([-1, -2**63, 2**63 - 1, 0]))),
        named("negative-unpacked", entry("labels", integers([-1, -2**63, 5], UNPACKED))),
        named("key-last", inside(1, inside(2, floats([7])) + inside(1, b"f"))),
        named("key-twice", inside(1, inside(1, b"g") + inside(2, floats([7])) + inside(1, b"f"))),
        named("no-value", inside(1, inside(1, b"f")), entry("g", b"")),
        named("no-key", inside(1, inside(2, floats([9])))),
        named("last-wins", entry("f", floats([1, 2, 3])), entry("f", floats([4]))),
        named("absent-wins", entry("f", floats([1, 2, 3])), entry("f", b"")),
        named("unknown", unknown, inside(1, unknown + inside(1, b"f") + unknown + inside(2, unknown + floats([1]) + unknown))) + unknown,
        named("value-merged", inside(1, inside(1, b"f") + inside(2, floats([1])) + inside(2, floats([2, 3])))),
        named("lists-merged", entry("f", floats([1]) + floats([2]))),
        named("kind-changes", entry("f", floats([1]) + integers([2]) + floats([3]) + floats([4]))),
        named("context-merged") + inside(2, b"") + inside(1, entry("labels", integers([8]))),
        inside(2, inside(1, inside(1, b"rgb") + inside(2, frame_of(b"abc") + frame_of(b"def")))) + named("lists-first"),
        named("list-merged") + inside(2, inside(1, inside(1, b"rgb") + inside(2, frame_of(b"abc")) + inside(2, frame_of(b"def") * 2))),
        named("list-in-pieces") + inside(2, inside(1, inside(1, b"rgb") + inside(2, frame_of(b"abc")))) + inside(2, inside(1, inside(1, b"audio") + inside(2, frame_of(b"x") * 3))),
        named("frames-unlike") + inside(2, inside(1, inside(1, b"rgb") + inside(2, frame_of(b"abcd") + inside(1, unknown + feature("bytes_list", [b"efgh"])) + unknown + frame_of(b"ijkl")))),
        named("no-frames") + inside(2, inside(1, inside(1, b"rgb"))),
        named("frames-of-floats") + inside(2, inside(1, inside(1, b"f") + inside(2, inside(1, floats([1, 2])) + inside(1, floats([3, 4]))))),
        named("others", entry("height", integers([480])), entry("url", feature("bytes_list", [b"a", b"bc"]))),
        named("long-tags", bytes([0x8A, 0x80, 0x00, 0x80 | len(long_entry), 0x00]) + long_entry),
        inside(1, entry("video_id", feature("bytes_list", [b"v1"])) + entry("labels", integers([3]))),
        inside(1, entry("labels", integers([3]))),
        named("\u00e4\u4e16\"\\\n", entry("f\u00fc", floats([1]))),
    ])


if __name__ == "__main__":
    genuine(sys.argv[1])
    frames()
    oddities()
