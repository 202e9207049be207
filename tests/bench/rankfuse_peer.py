#!/usr/bin/python3
"""Python peers of rankfuse: the same files to a fused file, in CPU seconds.

rankfuse_peer.py FUSED FILE...: prints "peer-NAME SECONDS" for each, the best of as many runs as rankfuse has
(of one, where that took twice as long as another peer's best), and holds each peer's scores against FUSED, which
rankfuse wrote from the same files with equal weights.
Each peer takes a class's rows as bytes and gives the fused row as bytes, and all of them are written to
FUSED.peer. Ties stand as they come, and nothing is refused: neither an id that is none nor one that is twice
in a list; and nothing is hashed or flushed to the disk.
"""
import os
import sys
import time

TOP = 100000
RUNS = 3


def by_dict(rows):
    scores = {}
    for row in rows:
        for rank, segment in enumerate(row.split(b" "), 1):
            scores[segment] = scores.get(segment, 0.0) + 1.0 / rank
    best = sorted(scores, key=scores.get, reverse=True)[:TOP]
    return b" ".join(best)


def by_numpy(rows):
    lists = [numpy.array(row.split(b" "), dtype="S8").view(numpy.uint64) for row in rows]
    segments, inverse = numpy.unique(numpy.concatenate(lists), return_inverse=True)
    points = numpy.concatenate([1.0 / numpy.arange(1, len(one) + 1) for one in lists])
    scores = numpy.bincount(inverse, weights=points)
    best = numpy.argsort(-scores, kind="stable")[:TOP]
    return b" ".join(segments[best].view("S8").tolist())


def by_numpy_bytes(rows):
    """The same without a Python object for each segment: blanks are found, and 8 bytes are gathered."""
    lists = []
    for row in rows:
        text = numpy.frombuffer(row + b" " * 8, dtype=numpy.uint8)
        ends = numpy.flatnonzero(text[: len(row) + 1] == 32)
        starts = numpy.concatenate(([0], ends[:-1] + 1))
        words = numpy.lib.stride_tricks.sliding_window_view(text, 8)[starts].copy().view(numpy.uint64)[:, 0]
        lists.append(words & KEEP[ends - starts])
    segments, inverse = numpy.unique(numpy.concatenate(lists), return_inverse=True)
    points = numpy.concatenate([1.0 / numpy.arange(1, len(one) + 1) for one in lists])
    scores = numpy.bincount(inverse, weights=points)
    best = numpy.argsort(-scores, kind="stable")[:TOP]
    return b" ".join(segments[best].view("S8").tolist())


def by_pandas(rows):
    lists = [pandas.Series(row.split(b" ")) for row in rows]
    frame = pandas.DataFrame({"segment": pandas.concat(lists, ignore_index=True),
                              "points": numpy.concatenate([1.0 / numpy.arange(1, len(one) + 1) for one in lists])})
    scores = frame.groupby("segment", sort=False)["points"].sum()
    return b" ".join(scores.sort_values(ascending=False, kind="stable").index[:TOP])


def fuse(paths, function, output):
    """All classes, in the order of the first file; the files have the same classes in the same order."""
    with open(output, "wb") as file:
        file.write(b"Class,Segments\n")
        for lines in zip(*[open(path, "rb") for path in paths]):
            rows = [line.rstrip(b"\n").split(b",") for line in lines]
            if rows[0][0] != b"Class":
                file.write(rows[0][0] + b"," + function([row[1] for row in rows]) + b"\n")


def scores_of(path, paths):
    """The scores in the first class's fused row, in its order."""
    fused = open(path, "rb").read(1 << 22)
    points = {}
    for path in paths:
        row = open(path, "rb").read(1 << 22).split(b"\n")[1].split(b",")[1]
        for rank, segment in enumerate(row.split(b" "), 1):
            points.setdefault(segment, []).append(1.0 / rank)
    return [round(sum(sorted(points[segment])), 13) for segment in fused.split(b"\n")[1].split(b",")[1].split(b" ")]


fastest = float("inf")


def run(name, function, wanted, paths):
    global fastest
    best = float("inf")
    output = sys.argv[1] + ".peer"
    for _ in range(RUNS):
        if best > 2 * fastest and best < float("inf"):
            break
        if os.path.exists(output):
            os.remove(output)
        began = time.process_time()
        fuse(paths, function, output)
        best = min(best, time.process_time() - began)
    fastest = min(fastest, best)
    if scores_of(output, paths) != wanted:
        sys.exit(name + ": other scores than rankfuse")
    print(name, best, flush=True)


paths = sys.argv[2:]
wanted = scores_of(sys.argv[1], paths)
try:
    import numpy

    KEEP = numpy.array([(1 << 8 * length) - 1 for length in range(9)], dtype=numpy.uint64)
    run("peer-numpy", by_numpy, wanted, paths)
    run("peer-numpy-bytes", by_numpy_bytes, wanted, paths)
except ImportError:
    print("numpy is absent: no peer-numpy", file=sys.stderr)
try:
    import pandas

    run("peer-pandas", by_pandas, wanted, paths)
except ImportError:
    print("pandas is absent: no peer-pandas (apt-get install python3-pandas)", file=sys.stderr)
run("peer-dict", by_dict, wanted, paths)
