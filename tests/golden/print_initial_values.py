#!/usr/bin/env python3
"""Print what tests/unit/test_initialise.c expects: first values of a parameter, by definition.

Philox4x32-10 is written out here from its paper; the quantile is Python's own.
"""
import statistics

MASK = 0xFFFFFFFF


def philox(key, counter):
    k0, k1 = key
    x = list(counter)
    for _ in range(10):
        a, b = x[0] * 0xD2511F53, x[2] * 0xCD9E8D57
        x = [b >> 32 ^ x[1] ^ k0, b & MASK, a >> 32 ^ x[3] ^ k1, a & MASK]
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return x


def key_of(seed, purpose):
    fnv = 0xCBF29CE484222325
    for byte in purpose.encode():
        fnv = (fnv ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return philox((seed & MASK, seed >> 32), (fnv & MASK, fnv >> 32, 0, 0))[:2]


def uniforms(seed, name, first, count):
    key = key_of(seed, name)
    for i in range(first, first + count):
        yield (philox(key, (i // 4, 0, 0, 0))[i % 4] + 0.5) / 2**32


quantile = statistics.NormalDist().inv_cdf
below = statistics.NormalDist().cdf(-2)
name, seed = "head/weights", 5
print("uniform", [float("%.9g" % (-1 + 3 * u)) for u in uniforms(seed, name, 0, 6)])
print("normal", [float("%.9g" % (0.5 + 2 * quantile(u))) for u in uniforms(seed, name, 0, 6)])
print("truncated", [
    float("%.9g" % (0.1 * quantile(below + (1 - 2 * below) * u)))
    for u in uniforms(seed, name, 1000000, 4)
])
