#!/usr/bin/python3
"""Writes small submissions of 2019's form and what rank fusion makes of them, in exact fractions.

    Score(v) = sum_i w_i w0 / (w0 + rank_i(v) - 1)

over the files i that list v; ordered by score, then by id, then by start. rankfuse-NAME.csv are the
inputs; rankfuse.CASE.csv is what a case makes of them. Podium adds whole multiples of a tiny unit, so
different scores that differ by less than that would stand in another order: a case that has any is refused.
"""
import os
import random
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = [3, 7, 11, 40, 1831]
LIST = 480  # the third file's rows are beyond the 4096 bytes from which rows are scanned directly
draw = random.Random(616)
letters = "abcdwxyzABYZ0189-_"


def name():
    length = draw.choice([4] * 40 + [1, 2, 3, 5, 11, 16, 17, 30])
    return "".join(draw.choice(letters) for _ in range(length))


videos = sorted({name() for _ in range(60)})
segments = [(video, start) for video in videos for start in draw.sample(range(0, 300, 5), 12)] + [(videos[7], 1000), (videos[0], 100000)]


def write(file, header, rows, newline):
    with open(os.path.join(HERE, file), "w", newline="") as to:
        to.write(newline.join([header] + ["%d,%s" % (label, " ".join("%s:%d" % s for s in row)) for label, row in rows]) + newline)


def lists(size):
    """A noisy order of the segments for each class; the second class has few, the fourth none at times."""
    rows = {}
    for label in CLASSES:
        truth = random.Random(label)
        relevance = {s: truth.random() for s in segments}
        order = sorted(segments, key=lambda s: relevance[s] + draw.gauss(0, 0.2))
        rows[label] = order[: {7: 5, 40: draw.choice([0, 3])}.get(label, size)]
    return rows


files = {"first": lists(LIST), "second": lists(LIST - 40), "third": lists(LIST + 100), "fourth": lists(90)}
orders = {"first": CLASSES, "second": CLASSES[::-1], "third": [11, 1831, 3, 40, 7], "fourth": CLASSES}
for key, rows in files.items():
    write("rankfuse-%s.csv" % key, "Class,Segments", [(label, rows[label]) for label in orders[key]],
          "\r\n" if key == "third" else "\n")


def fuse(case, weights, w0, top):
    w0 = Fraction(w0)
    fused, ties = [], 0
    for label in CLASSES:
        scores = {}
        for key, weight in weights.items():
            for rank, segment in enumerate(files[key][label], 1):
                scores.setdefault(segment, []).append(Fraction(weight) * w0 / (w0 + rank - 1))
        totals = {segment: sum(terms) for segment, terms in scores.items() if sum(terms) > 0}
        order = sorted(totals, key=lambda s: (-totals[s], s[0], s[1]))
        for a, b in zip(order, order[1:]):
            gap = totals[a] - totals[b]
            same = sorted(scores[a]) == sorted(scores[b])
            ties += same
            assert same if gap == 0 else gap > Fraction(1, 10**14), (case, label, a, b)
        fused.append((label, order[:top]))
    write("rankfuse.%s.csv" % case, "Class,Segments", fused, "\n")
    return fused, ties


fuse("weighted", {"first": "3", "second": "1.7", "third": "0.61", "fourth": "0"}, "1", 100000)
assert fuse("equal", {key: "1" for key in files}, "6.058", 100000)[1] > 20
fuse("top", {"third": "0.03", "fourth": "200"}, "0.5", 50)
alone, _ = fuse("alone", {"second": "2"}, "1", 100000)
assert dict(alone) == files["second"]
os.remove(os.path.join(HERE, "rankfuse.alone.csv"))  # it is rankfuse-second.csv with its classes in order
