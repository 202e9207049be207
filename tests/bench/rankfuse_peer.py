#!/usr/bin/python3
"""Python peers of rankfuse: the same files to a fused file, in CPU seconds.

rankfuse_peer.py FUSED PEERS FILE...: runs each of the peers, as "dict,numpy", once, and prints "peer-NAME SECONDS".
Each peer's scores are held against FUSED, which rankfuse wrote from the same files with equal weights.
Each peer takes a class's rows as bytes and gives the fused row as bytes, and all of them are written to
FUSED.peer. Ties stand as they come, and nothing is refused: neither an id that is none nor one that is twice
in a list; and nothing is hashed or flushed to the disk.
"""
import os
import sys
import time

try:
    import numpy
except ImportError:
    numpy = None
try:
    import pandas
except ImportError:
    pandas = None

TOP = 100000


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
    keep = numpy.array([(1 << 8 * length) - 1 for length in range(9)], dtype=numpy.uint64)
    lists = []
    for row in rows:
        text = numpy.frombuffer(row + b" " * 8, dtype=numpy.uint8)
        ends = numpy.flatnonzero(text[: len(row) + 1] == 32)
        starts = numpy.concatenate(([0], ends[:-1] + 1))
        words = numpy.lib.stride_tricks.sliding_window_view(text, 8)[starts].copy().view(numpy.uint64)[:, 0]
        lists.append(words & keep[ends - starts])
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


def run(name, wanted, paths):
    if name not in PEERS:
        sys.exit("no peer is called " + name)
    if PEERS[name] is None:
        print(name + " is absent: no peer-" + name, file=sys.stderr)
        return
    output = sys.argv[1] + ".peer"
    if os.path.exists(output):
        os.remove(output)
    began = time.process_time()
    fuse(paths, PEERS[name], output)
    seconds = time.process_time() - began
    if scores_of(output, paths) != wanted:
        sys.exit(name + ": other scores than rankfuse")
    print("peer-" + name, seconds, flush=True)


def main():
    paths = sys.argv[3:]
    wanted = scores_of(sys.argv[1], paths)
    for name in sys.argv[2].split(","):
        run(name, wanted, paths)


PEERS = {
    "dict": by_dict,
    "numpy": by_numpy if numpy else None,
    "numpy-bytes": by_numpy_bytes if numpy else None,
    "pandas": by_pandas if pandas else None,
}
main()
