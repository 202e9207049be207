#!/usr/bin/python3
"""Writes small submissions, truths and predictions, and the metrics that the definitions give them.

Straight from the definitions (average precision of a sorted list; GAP; Hit@1; PERR; MAP; MAP@K over
rated segments), with plain lists and no cleverness. Ties: score descending, then id, then class.
`expected.csv` holds rows CASE,NAME,VALUE; *-worst and *-best are GAP with the positives last and
first among equal scores.
"""
import json
import os
import random
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = 3862
expected = []


def write(name, text):
    with open(os.path.join(HERE, name), "w", newline="") as file:
        file.write(text)


def ap(positives_in_order, total):
    hits, total_precision = 0, 0.0
    for rank, positive in enumerate(positives_in_order, 1):
        if positive:
            hits += 1
            total_precision += hits / rank
    return total_precision / total if total else 0.0


def counted_pairs(rows, truth, top):
    """What a contest counts of each row: {video: [(class, score), ...]}."""
    known = {label for labels in truth.values() for label in labels}
    counted = {}
    for video, pairs in rows:
        if video not in truth or video in counted:
            continue
        first = {}
        for label, score in pairs[:top]:
            if label not in first and (label < CLASSES or label in known):
                first[label] = float(score)
        counted[video] = list(first.items())
    return counted


def video_metrics(rows, truth, top):
    counted = counted_pairs(rows, truth, top)
    entries = []
    hit = perr = 0.0
    for video, labels in truth.items():
        pairs = sorted(counted.get(video, []), key=lambda pair: (-pair[1], pair[0]))
        hit += bool(pairs) and pairs[0][0] in labels
        best = [label for label, score in pairs[: len(labels)] if score > 0]
        perr += len([label for label in best if label in labels]) / len(labels) if labels else 0
        entries += [(score, video, label, label in labels) for label, score in pairs]
    total = sum(len(labels) for labels in truth.values())
    by_id = sorted(entries, key=lambda e: (-e[0], e[1], e[2]))
    worst = sorted(entries, key=lambda e: (-e[0], e[3]))
    best = sorted(entries, key=lambda e: (-e[0], not e[3]))
    aps = []
    for label in sorted({label for labels in truth.values() for label in labels}):
        count = sum(label in labels for labels in truth.values())
        aps.append(ap([e[3] for e in by_id if e[2] == label], count))
    return {
        "gap": ap([e[3] for e in by_id], total),
        "gap-worst": ap([e[3] for e in worst], total),
        "gap-best": ap([e[3] for e in best], total),
        "hit_at_1": hit / len(truth),
        "perr": perr / len(truth),
        "map": sum(aps) / len(aps),
        "classes": len(aps),
        "videos": len(truth),
        "positives": total,
    }


def segment_metrics(rows, ratings, top):
    rated = {}
    for video, start, label, relevant in ratings:
        rated.setdefault(label, {})["%s:%d" % (video, start)] = relevant > 0
    lists = {}
    for label, segments in rows:
        lists.setdefault(label, segments)
    aps = []
    for label in sorted(rated):
        positives = sum(rated[label].values())
        if not positives:
            continue
        seen, ranking = set(), []
        for segment in lists.get(label, [])[:top]:
            if segment in rated[label] and segment not in seen:
                seen.add(segment)
                ranking.append(rated[label][segment])
        aps.append((label, ap(ranking, positives)))
    return {"map": sum(value for _, value in aps) / len(aps), "classes": len(aps)}, aps


def note(case, metrics):
    for name, value in metrics.items():
        expected.append("%s,%s,%r\n" % (case, name, value))


def gap_case(case, seed, top):
    draw = random.Random(seed)
    letters = "abcXYZ019"
    ids = ["".join(draw.choice(letters) for _ in range(4)) for _ in range(90)]
    ids = sorted(set(ids))
    draw.shuffle(ids)
    truth = {video: sorted(draw.sample(range(30), draw.choice([0, 1, 1, 2, 3, 6]))) for video in ids[:60]}
    rows = []
    for video in ids[5:75]:  # five of the truth are missing, some are unknown
        pairs = []
        for _ in range(draw.choice([0, 1, 5, top, top + 4])):
            own = draw.choice(truth.get(video) or [0])
            label = draw.choice([own, draw.randrange(30), draw.randrange(30), 3000, 4000, 99999])
            pairs.append((label, "%g" % draw.choice([draw.random(), round(draw.random(), 1), 0])))
        rows.append((video, pairs))
    rows += rows[3:6]  # repeated rows
    text = "VideoId,LabelConfidencePairs\n"
    for video, pairs in rows:
        text += video + "," + " ".join("%d %s" % pair for pair in pairs) + "\n"
    write(case + ".submission.csv", text)
    write(case + ".truth.csv", "VideoId,Labels\n" + "".join(
        "%s,%s\n" % (video, " ".join(map(str, labels))) for video, labels in truth.items()))
    note(case, video_metrics(rows, truth, top))


def map_case(case, seed, top):
    draw = random.Random(seed)
    segments = [("%s%s" % (draw.choice("abXY0"), "".join(draw.choice("cdZ9") for _ in range(draw.choice([3, 3, 10, 17])))),
                 5 * draw.randrange(60)) for _ in range(120)]
    segments = sorted(set(segments))
    ratings = []
    for label in range(3, 40, 4):
        share = 0 if label == 11 else draw.random()
        for video, start in draw.sample(segments, draw.randrange(3, 40)):
            ratings.append((video, start, label, 1 if draw.random() < share else 0))
    ratings += [(v, s, c, 1 - r) for v, s, c, r in ratings[5:8]]  # the later rating stands
    rows = []
    for label in list(range(3, 40, 4))[1:] + [1, 99]:  # one class is missing, two are unknown
        names = ["%s:%d" % draw.choice(segments) for _ in range(draw.choice([1, 30, 200]))]
        names += ["none:5", "%s:1000" % segments[0][0]]
        draw.shuffle(names)
        rows.append((label, names if label != 19 else []))
    rows.append((7, ["%s:%d" % segments[0]]))  # a repeated class
    write(case + ".submission.csv", "Class,Segments\n" + "".join(
        "%d,%s\n" % (label, " ".join(names)) for label, names in rows))
    write(case + ".truth.csv", "VideoId,Start,Class,Relevant\n" + "".join(
        "%s,%d,%d,%d\n" % rating for rating in ratings))
    metrics, aps = segment_metrics(rows, ratings, top)
    note(case, metrics)
    for label, value in aps:
        expected.append("%s,class-%d,%r\n" % (case, label, value))


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def predictions_file(name, rows, classes):
    """rows: (id, start, scores)"""
    width = max(len(row[0]) for row in rows)
    data, header = b"", {"__metadata__": {"format": "1", "kind": "predictions"}}
    for tensor, kind, shape, content in [
        ("classes", "U32", [len(classes)], struct.pack("<%dI" % len(classes), *classes)),
        ("scores", "F32", [len(rows), len(classes)],
         b"".join(struct.pack("<%df" % len(classes), *row[2]) for row in rows)),
        ("starts", "I32", [len(rows)], struct.pack("<%di" % len(rows), *[row[1] for row in rows])),
        ("ids", "U8", [len(rows), width], b"".join(row[0].encode().ljust(width, b"\0") for row in rows)),
    ]:
        header[tensor] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text)) % 8)
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def dense_cases():
    draw = random.Random(7)
    classes = [0, 3, 4, 8, 15, 16, 23, 42]
    def scores():
        return [single(draw.choice([draw.random(), 0.5, 0.25, 0.0])) for _ in classes]
    videos = [("".join(draw.choice("abZ9") for _ in range(4)) + str(i), -1, scores()) for i in range(25)]
    segments = [("v%d" % (i % 9), 5 * (i // 9), scores()) for i in range(60)]
    draw.shuffle(segments)
    other = [(row[0], row[1], scores()) for row in videos]
    predictions_file("videos.safetensors", videos, classes)
    predictions_file("videos-2.safetensors", other, classes)
    predictions_file("segments.safetensors", segments, classes)
    text = "VideoId,LabelConfidencePairs\n"
    for video, _, row in videos:
        best = sorted(zip(classes, row), key=lambda pair: (-pair[1], pair[0]))[:5]
        text += video + "," + " ".join("%d %g" % pair for pair in best) + "\n"
    write("videos.top5.csv", text)
    text = "Class,Segments\n"
    for label in (3, 8, 42):
        column = classes.index(label)
        best = sorted(segments, key=lambda row: (-row[2][column], row[0], row[1]))[:20]
        text += "%d,%s\n" % (label, " ".join("%s:%d" % row[:2] for row in best))
    write("segments.top20.csv", text)
    write("segment_label_ids.csv", "Index\n3\n8\n42\n")
    fused = [(a[0], a[1], [single(x * (3 / 4) + y * (1 / 4)) for x, y in zip(a[2], b[2])])
             for a, b in zip(videos, other)]
    predictions_file("fused-3-1.safetensors", fused, classes)
    truth = {row[0]: sorted(draw.sample(classes, draw.choice([0, 1, 2, 7]))) for row in videos[:20]}
    write("videos.truth.csv", "VideoId,Labels\n" + "".join(
        "%s,%s\n" % (video, " ".join(map(str, labels))) for video, labels in truth.items()))
    # PERR of dense predictions looks at as many classes as there are labels, beyond the top 5
    metrics = video_metrics([(r[0], sorted(zip(classes, r[2]), key=lambda p: (-p[1], p[0]))[:5]) for r in videos], truth, 5)
    metrics["perr"] = video_metrics([(r[0], list(zip(classes, r[2]))) for r in videos], truth, 8)["perr"]
    note("videos", metrics)


def parts_case(case, seed):
    """A truth in two parts, and what they give the lists of segments.top20.csv, cut at 20 and at 9."""
    draw = random.Random(seed)
    segments = ["v%d:%d" % (i % 9, 5 * (i // 9)) for i in range(60)] + ["v1:900", "none:5"]
    lists = {}
    with open(os.path.join(HERE, "segments.top20.csv")) as file:
        for line in file.read().splitlines()[1:]:
            label, ids = line.split(",")
            lists[int(label)] = ids.split()
    rated = {}
    for label in (3, 5, 8, 42):
        for segment in draw.sample(segments, 44):
            part = "private" if draw.random() < 0.66 else "public"
            positive = draw.randrange(2) if (label, part) != (8, "public") else 0
            rated[segment, label] = (positive, part)
    rows = ["%s,%d,%d,%s\n" % (segment, label, *rating) for (segment, label), rating in rated.items()]
    draw.shuffle(rows)
    write(case + ".truth.csv", "".join(rows))
    for part in ("public", "private"):
        for top in (20, 9):
            values, shortest, marks = [], [], []
            for label in (3, 5, 8, 42):
                own = {s: r[0] for (s, l), r in rated.items() if l == label and r[1] == part}
                if not sum(own.values()):
                    continue
                marks.append([own[s] for s in lists.get(label, [])[:top] if s in own])
                shortest.append(len(own))
                values.append(ap(marks[-1], sum(own.values())))
                expected.append("%s,%s-%d-class-%d,%r\n" % (case, part, top, label, values[-1]))
            name = "%s,%s-%d-" % (case, part, top)
            expected.append(name + "map,%r\n" % (sum(values) / len(values)))
            expected.append(name + "ranks,%d\n" % min(shortest))
            for rank in range(1, min(shortest) + 1):
                precision = sum(sum(mark[:rank]) / rank for mark in marks) / len(marks)
                expected.append(name + "rank-%d,%r\n" % (rank, precision))


for number, (seed, top) in enumerate([(1, 20), (2, 20), (3, 3), (4, 1)]):
    gap_case("gap-%d" % number, seed, top)
for number, (seed, top) in enumerate([(11, 100000), (12, 20), (13, 100000)]):
    map_case("map-%d" % number, seed, top)
dense_cases()
parts_case("parts", 21)
write("expected.csv", "Case,Name,Value\n" + "".join(expected))
