"""Write league.golden: parts of a tiny league, drawn anew from the definition with numpy.

    python3 tests/golden/league.py                  writes tests/golden/league.golden
    python3 tests/golden/league.py check FOLDER     reads all shards of a league of --scale tiny and
                                                    --seed 1 through protobuf and compares every
                                                    record with the definition

Nothing here is taken from the C code but what the definition leaves to it: how a purpose becomes a
key, which counters a draw uses (common/league/draws.h, render.h), the permutation.
Logarithms and powers are those of Python's libm: they are rounded to 2^-16 before they are used.
"""
import csv
import glob
import hashlib
import math
import os
import statistics
import sys

import numpy as np

import tf_example

SEED = 1
MASK = 0xFFFFFFFF
RGB, AUDIO, WIDTH, LOOKS = 1024, 128, 1152, 3
TRAIN, VALIDATE, TEST = 0, 1, 2
P = dict(verticals=3, parents=2, leaves=18, segment_classes=8, segment_from=12, videos=(160, 48, 64),
         shards=(4, 2, 2), length=(70, 110), most_extra=4, backgrounds=40, ratings=5, zipf=1, shift=2,
         audible=.4, extra=1.1, same_vertical=.66, recall=.6, precision=.788, precision_sd=.15,
         repeats=1.15, false_sibling=.5, prevalence=.61, prevalence_sd=.15, k=4, scene_mean=18,
         shot_mean=3, aV=.06, aP=.10, aC=.14, aL=.12, aX=.20, aA=.30, kappa=.85, gamma=1, p_ctx=.85,
         first_context=.6, beta=(.3, .9), rater_error=.03, private=.6666, style=.54, style_audio=1,
         scene=.10, shot=.30, amplitude=.741, amp_sd=.37, audio_amp_sd=0)
f32 = np.float32
SCALE = f32(1) / f32(209.02)
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def philox(key, major, minor):
    """Philox4x32-10 of counters (major, minor), minor an array; uint64 arrays of 32-bit words."""
    minor = np.asarray(minor, dtype=np.uint64)
    low = np.uint64(MASK)
    c = [minor & low, minor >> np.uint64(32), np.full_like(minor, major & MASK), np.full_like(minor, major >> 32)]
    k0, k1 = key
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), b & low, (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), a & low]
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c


def words_of(key, major, minor):
    return [int(w[0]) for w in philox(key, major, [minor])]


def key_of(purpose):
    h = 0xCBF29CE484222325
    for byte in purpose.encode():
        h = (h ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return tuple(words_of((SEED & MASK, SEED >> 32), 0, h)[:2])


def permute(key, epoch, size, index):
    half = 1
    while half < 24 and 1 << 2 * half < size:
        half += 1
    mask = (1 << half) - 1
    while True:
        left, right = index >> half, index & mask
        for r in range(6):
            w = words_of(key, epoch, r << 48 | right)
            left, right = right, left ^ ((w[0] << 32 | w[1]) & mask)
        index = left << half | right
        if index < size:
            return index


def rounded(x):
    return round(x * 65536) / 65536


class Draws:
    def __init__(self, purpose, id):
        self.key, self.id, self.counter, self.words = key_of(purpose), id, 0, []

    def word(self):
        if not self.words:
            self.words = words_of(self.key, self.id, self.counter)
            self.counter += 1
        return self.words.pop(0)

    def uniform(self):
        return (self.word() >> 8) / 2**24

    def open(self):
        return (self.word() + .5) / 2**32

    def chance(self, share):
        return self.uniform() < share

    def below(self, bound):
        high = self.word()
        return (high << 32 | self.word()) * bound >> 64

    def normal(self):
        return statistics.NormalDist().inv_cdf(self.open())

    def gamma(self, shape):
        power = 1
        if shape < 1:
            power = self.open() ** (1 / shape)
            shape += 1
        d = shape - 1 / 3
        while True:
            v = (1 + self.normal_into("x") / math.sqrt(9 * d)) ** 3
            if v > 0 and math.log(self.open()) < .5 * self.x**2 + d - d * v + d * math.log(v):
                return d * v * power

    def normal_into(self, name):
        setattr(self, name, self.normal())
        return getattr(self, name)

    def beta(self, a, b):
        x = self.gamma(a)
        return rounded(x / (x + self.gamma(b)))

    def beta_of(self, mean, sd):
        k = mean * (1 - mean) / sd**2 - 1
        return self.beta(mean * k, (1 - mean) * k)

    def count(self, terms):
        """The number of the first cumulative probability above a uniform number."""
        u, total = self.uniform(), 0
        for k, term in enumerate(terms):
            total += term
            if u < total:
                return k
        return k

    def poisson(self, mean, most):
        return self.count([math.exp(-mean) * mean**k / math.factorial(k) for k in range(most)] + [1])

    def geometric(self, mean):
        p = 1 / (1 + mean)
        return self.count([p * (1 - p)**k for k in range(3000)])

    def weighted(self, weights):
        left = self.uniform() * sum(weights)
        for i, w in enumerate(weights):
            if w and left < w:
                return i
            left -= w
        return max(i for i, w in enumerate(weights) if w)


def sums(key, id, counter, width):
    """Centred sums of the bytes of two words, 16 for each 8 counters."""
    w = philox(key, id, np.arange(counter, counter + width // 2, dtype=np.uint64))
    of = lambda x: sum((x >> np.uint64(8 * i)) & np.uint64(255) for i in range(4)).astype(np.int64)
    pair = np.stack([of(w[0]) + of(w[1]), of(w[2]) + of(w[3])])  # [2, width / 2]
    return (pair.reshape(2, -1, 8).transpose(1, 0, 2).reshape(-1) - 1020).astype(f32)


class World:
    def __init__(self):
        L, parents = P["leaves"], P["verticals"] * P["parents"]
        raw = [rounded(65536 * (r + 1 + P["shift"]) ** -P["zipf"]) for r in range(L)]
        total = 0
        for w in raw:
            total += w
        tree, nodes = key_of("tree"), []
        above = [0.0] * parents
        for r in range(L):
            slot = permute(tree, 0, L, r) * parents // L
            above[slot] += raw[r] / total
            nodes.append((-raw[r] / total, r, slot, False))
        nodes += [(-above[s], L + s, s, True) for s in range(parents)]
        nodes.sort()
        self.classes = len(nodes)
        self.weight = [-n[0] for n in nodes]
        self.slot = [n[2] for n in nodes]
        self.is_parent = [n[3] for n in nodes]
        self.parent_class = {n[2]: c for c, n in enumerate(nodes) if n[3]}
        self.leaves = [c for c in range(self.classes) if not self.is_parent[c]]
        self.members = [c for s in range(parents) for c in self.leaves if self.slot[c] == s]
        key = key_of("segment-classes")
        self.segment = sorted(self.leaves[permute(key, 0, P["segment_from"], i)] for i in range(P["segment_classes"]))
        self.precision = {c: Draws("precision", c).beta_of(P["precision"], P["precision_sd"]) for c in self.leaves}
        self.prevalence = {c: Draws("prevalence", c).beta_of(P["prevalence"], P["prevalence_sd"]) for c in self.leaves}
        self.audible = {c: Draws("audible", c).chance(P["audible"]) for c in self.leaves}
        self.sd = np.array([rounded(a * (k + 1) ** -d) for a, d, n in ((.866, .109, RGB), (1.113, .126, AUDIO))
                            for k in range(n)])
        variance = np.repeat([.88, 1.35], [RGB, AUDIO])
        self.noise = np.sqrt(np.maximum(variance - self.sd**2, .1)).astype(f32)
        self.sd = self.sd.astype(f32)
        self.look, self.context = {}, {}
        for c in self.leaves:
            common = self.direction("vertical", self.vertical(c), P["aV"] ** .5) + \
                self.direction("parent", self.slot[c], P["aP"] ** .5)
            for l in range(LOOKS):
                x = common + self.direction("class", c, P["aC"] ** .5)
                x = x + self.direction("look", c * LOOKS + l, P["aL"] ** .5)
                self.look[c, l] = x + self.direction("class", c, P["aA"] ** .5, True) * f32(self.audible[c])
            x = common + self.direction("class", c, P["kappa"] * math.sqrt(P["aC"]))
            self.context[c] = x + self.direction("context", c, P["aX"] ** .5)
        self.background = [self.direction("background", b, math.sqrt(P["aC"] + P["aX"])) for b in range(P["backgrounds"])]

    def vertical(self, c):
        return self.slot[c] // P["parents"]

    def direction(self, purpose, id, factor, audio=False):
        scale = np.full(WIDTH, f32(factor) * SCALE)
        scale[slice(0, RGB) if audio else slice(RGB, WIDTH)] = 0
        return scale * sums(key_of(purpose), id, 0, WIDTH)

    def siblings(self, c):
        return [m for m in self.members if self.slot[m] == self.slot[c]]

    def of_vertical(self, c):
        return [m for m in self.members if self.vertical(m) == self.vertical(c)]


class Video:
    def __init__(self, world, partition, number):
        self.world, self.partition, self.number = world, partition, number
        self.id = partition << 48 | number
        d = self.d = Draws("video", self.id)
        self.frames = P["length"][0] + d.below(P["length"][1] - P["length"][0] + 1)
        self.topics, self.banned, self.genuine, self.rated = [], None, False, None
        weight = lambda c: 0 if c == self.banned or c in self.topics else world.weight[c]
        if partition == TRAIN:
            self.topics = [self.pick(world.members, weight)]
        else:
            self.rated = world.segment[number % P["segment_classes"]]
            self.genuine = d.chance(world.precision[self.rated])
            if self.genuine:
                self.topics = [self.rated]
            else:
                self.banned = self.rated
                sibling = d.chance(P["false_sibling"])
                self.topics = [self.pick(world.siblings(self.rated) if sibling else world.members, weight)]
        first = self.topics[0]
        for _ in range(d.poisson(P["extra"], P["most_extra"])):
            same = d.chance(P["same_vertical"])
            c = self.pick(world.of_vertical(first) if same else world.members, weight)
            if weight(c):
                self.topics.append(c)
        parent = lambda c: world.parent_class[world.slot[c]]
        self.truth = sorted({c for t in self.topics for c in (t, parent(t))})
        labels = set()
        for t in self.topics:
            labels |= {t} if d.chance(P["recall"]) else set()
            labels |= {parent(t)} if d.chance(P["recall"]) else set()
        mean = P["repeats"] * P["recall"] * len(self.truth) * (1 / P["precision"] - 1)
        false = lambda c: 0 if c in self.topics else world.weight[c] * (1 - world.precision[c])
        for _ in range(d.poisson(mean, 64)):
            sibling = d.chance(P["false_sibling"])
            labels.add(self.pick(world.siblings(first) if sibling else world.members, false))
        labels |= {self.rated} if partition != TRAIN else set() if labels else {first}
        self.labels = sorted(labels)
        self.traits = []
        for t in self.topics:
            v = world.prevalence[t]
            share = d.beta(v * P["k"], (1 - v) * P["k"])
            u = d.uniform()
            look = min(math.floor(3 * u * math.sqrt(u)), 2)
            low, high = P["beta"]
            self.traits.append((share, look, rounded(low + (high - low) * d.uniform())))
        self.scenes, at = [], 0  # first frame, frames, shown topics
        while at < self.frames:
            n = min(3 + d.geometric(P["scene_mean"] - 3), self.frames - at)
            self.scenes.append([at, n, {i for i in range(len(self.topics)) if d.chance(self.traits[i][0])}])
            at += n
        for i in range(len(self.topics)):
            self.scenes[d.below(len(self.scenes))][2].add(i)
        for scene in self.scenes:
            if not d.chance(P["p_ctx"]):
                scene.append(("background", d.below(P["backgrounds"])))
            else:
                scene.append(("context", 0 if d.chance(P["first_context"]) else d.below(len(self.topics))))
        self.A = rounded(math.sqrt(P["amplitude"]) * 10 ** (.5 * P["amp_sd"] * d.normal()))
        self.A_audio = rounded(10 ** (.5 * P["audio_amp_sd"] * d.normal()))
        self.cut = [t > 0 and d.chance(1 / P["shot_mean"]) for t in range(self.frames)]
        for scene in self.scenes:
            self.cut[scene[0]] = True
        self.ratings = self.rate() if partition != TRAIN else []

    def pick(self, leaves, weight):
        weights = [weight(c) for c in leaves]
        return leaves[self.d.weighted(weights if any(weights) else [self.world.weight[c] for c in leaves])]

    def rate(self):
        d, ratings = Draws("rating", self.id), []
        starts = list(range(30, 5 * (math.ceil(self.frames / 5) - 3) + 1, 5))
        for i in range(P["ratings"]):
            at = i + d.below(len(starts) - i)
            start, starts[at] = starts[at], starts[i]
            shown = sum(max(0, min(first + n, start + 5) - max(first, start)) for first, n, topics, _ in self.scenes if 0 in topics)
            score = (self.genuine and shown >= 3) != d.chance(P["rater_error"])
            ratings.append((start, self.rated, int(score), "private" if d.chance(P["private"]) else "public"))
        return ratings

    def render(self):
        w, key, noise = self.world, key_of("video"), key_of("noise")
        row = lambda r: sums(key, self.id, (r + 1) << 16, WIDTH)
        A = np.repeat([f32(self.A), f32(self.A_audio)], [RGB, AUDIO]).astype(f32) * w.sd
        style = np.repeat([f32(P["style"] ** .5), f32(P["style_audio"] ** .5)], [RGB, AUDIO]).astype(f32) * SCALE * row(0)
        rows = np.zeros((self.frames, WIDTH), np.uint8)
        for j, (first, n, shown, (kind, number)) in enumerate(self.scenes):
            setting = w.background[number] if kind == "background" else w.context[self.topics[number]]
            content = f32(P["gamma"]) * setting
            for i in sorted(shown):
                _, look, strength = self.traits[i]
                content = content + f32(strength / math.sqrt(len(shown))) * w.look[self.topics[i], look]
            content = content + f32(P["scene"] ** .5) * SCALE * row(1001 + j)
            base = A * (content + style)
            for t in range(first, first + n):
                if self.cut[t]:
                    shot = base + w.sd * (f32(P["shot"] ** .5) * SCALE) * row(1 + t)
                x = shot + w.noise * SCALE * sums(noise, self.id, t * WIDTH // 2, WIDTH)
                rows[t] = np.rint((np.clip(x, f32(-2), f32(2)) + f32(2)) * f32(255 / 4)).astype(np.uint8)
        return rows

    def name(self):
        shards, videos = P["shards"][self.partition], P["videos"][self.partition]
        shard = max(s for s in range(shards) if s * videos // shards <= self.number)
        number = self.number - shard * videos // shards
        number += sum(P["videos"][p] // P["shards"][p] + 1 for p in range(self.partition))
        place = permute(key_of("id"), shard, 3844, number)
        return "".join(ALPHABET[i] for i in (place // 62, place % 62, shard // 62, shard % 62))


def means(rows):
    return (4 * rows.astype(np.int64).sum(0) / (255.0 * len(rows)) - 1.9921875).astype(f32)


def text(values):
    return " ".join(str(v) for v in values)


def world_lines(w):
    yield "slots " + text(w.slot)
    yield "weights " + text("%.9f" % x for x in w.weight)
    yield "segment-classes " + text(w.segment)
    for c in w.leaves:
        yield "leaf %d precision %.16g prevalence %.16g audible %d" % (c, w.precision[c], w.prevalence[c], w.audible[c])
    rows = np.stack([w.look[c, l] for c in w.leaves for l in range(LOOKS)] + [w.context[c] for c in w.leaves] + w.background)
    yield "directions " + hashlib.sha256((rows + f32(0)).astype("<f4").tobytes()).hexdigest()


def video_lines(v):
    yield "video %d %d %s frames %d" % (v.partition, v.number, v.name(), v.frames)
    yield "labels " + text(v.labels)
    yield "truth " + text(v.truth)
    for c, (share, look, strength) in zip(v.topics, v.traits):
        yield "topic %d share %.16g look %d strength %.16g" % (c, share, look, strength)
    for first, n, shown, (kind, number) in v.scenes:
        yield "scene %d %d shown %d %s %d" % (first, n, sum(1 << i for i in shown), kind, number)
    yield "amplitude %.16g cuts %s" % (v.A, "".join("01"[c] for c in v.cut))
    for rating in v.ratings:
        yield "rating " + text(rating)
    rows = v.render()
    yield "frame 0 " + text(rows[0][:32])
    yield "rgb " + hashlib.sha256(rows[:, :RGB].tobytes()).hexdigest()
    yield "audio " + hashlib.sha256(rows[:, RGB:].tobytes()).hexdigest()
    yield "means " + hashlib.sha256(means(rows).astype("<f4").tobytes()).hexdigest()


def write():
    w = World()
    lines = list(world_lines(w))
    for partition, number in ((TRAIN, 0), (TRAIN, 159), (VALIDATE, 0), (VALIDATE, 9), (TEST, 3)):
        lines += video_lines(Video(w, partition, number))
    with open(os.path.join(os.path.dirname(__file__), "league.golden"), "w") as file:
        file.write("\n".join(lines) + "\n")


def check_partition(w, messages, folder, level, partition):
    word, number = ("train", "validate", "test")[partition], 0
    for path in sorted(glob.glob("%s/%s/%s/%s*.tfrecord" % (folder, level, word, word))):
        for payload in tf_example.records(path):
            v, message = Video(w, partition, number), messages["SequenceExample"]()
            message.ParseFromString(payload)
            context, lists = message.context.feature, message.feature_lists.feature_list
            assert context["id"].bytes_list.value[0].decode() == v.name(), path
            assert path.endswith(v.name()[2:] + ".tfrecord"), path
            assert list(context["labels"].int64_list.value if "labels" in context else []) == ([] if partition == TEST else v.labels)
            rated = level == "3/frame" and partition == VALIDATE
            got = [list(context["segment_" + key].int64_list.value) if rated else [] for key in ("start_times", "end_times", "labels")]
            ratings = v.ratings if rated else []
            assert got == [[r[0] for r in ratings], [r[0] + 5 for r in ratings], [r[1] for r in ratings]]
            assert ("segment_scores" in context) == rated
            assert not rated or list(context["segment_scores"].float_list.value) == [r[2] for r in ratings]
            rows = v.render()
            if level == "2/video":
                mean = list(context["mean_rgb"].float_list.value) + list(context["mean_audio"].float_list.value)
                assert np.array_equal(np.array(mean, f32), means(rows)) and not lists
            else:
                got = [b"".join(f.bytes_list.value[0] for f in lists[key].feature) for key in ("rgb", "audio")]
                assert got == [rows[:, :RGB].tobytes(), rows[:, RGB:].tobytes()], (path, number)
                assert len(lists["rgb"].feature) == len(lists["audio"].feature) == v.frames
            number += 1
    assert number == P["videos"][partition], (level, word, number)
    print(level, word, number, "records as defined")


def check(folder):
    w, messages = World(), tf_example.messages(True)
    for level in ("2/video", "2/frame", "3/frame"):
        for partition in (TRAIN, VALIDATE, TEST):
            if (level, partition) != ("3/frame", TRAIN):
                check_partition(w, messages, folder, level, partition)
    truth = [row for row in csv.reader(open(folder + "/truth.csv"))]
    tests = [Video(w, TEST, i) for i in range(P["videos"][TEST])]
    assert truth == [["%s:%d" % (v.name(), r[0])] + [str(x) for x in r[1:]] for v in tests for r in v.ratings]
    assert [int(row[0]) for row in list(csv.reader(open(folder + "/segment_label_ids.csv")))[1:]] == w.segment
    counts = {int(r["Index"]): int(r["TrainVideoCount"]) for r in csv.DictReader(open(folder + "/vocabulary.csv"))}
    train = [Video(w, TRAIN, i) for i in range(P["videos"][TRAIN])]
    assert counts == {c: sum(c in v.labels for v in train) for c in range(w.classes)}
    e, j = np.load(folder + "/eigenvals.npy"), np.arange(1, 2049)
    assert e.dtype == f32 and np.allclose(e, np.exp(2.501 - .674 * np.log(j) - 2.098 * j / 1024), rtol=1e-6)
    print("tables as defined")


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["check"] else write()
