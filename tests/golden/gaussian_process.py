#!/usr/bin/python3
"""Writes gaussian_process.golden: what a Gaussian process with a Matern 5/2 kernel predicts, straight from
the textbook's formulas in numpy with an explicit inverse, and ln(phi(z) + z Phi(z)) in 900 digits.

Lines are NAME NUMBER...; numbers read back exactly.
"""
import decimal
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
lines = []


def write(name, *values):
    flat = [float(v) for value in values for v in np.ravel(value)]
    lines.append(" ".join([name] + [repr(v) for v in flat]))


def kernel(a, b, lengths, variance):
    distance = np.sqrt((((a[:, None, :] - b[None, :, :]) / lengths) ** 2).sum(-1))
    r = np.sqrt(5) * distance
    return variance * (1 + r + r * r / 3) * np.exp(-r)


def process(name, x, y, lengths, variance, noise, at):
    mean, deviation = y.mean(), y.std()
    z = (y - mean) / deviation
    K = kernel(x, x, lengths, variance) + noise * np.eye(len(x))
    inverse = np.linalg.inv(K)
    k = kernel(at, x, lengths, variance)
    predicted = mean + deviation * (k @ inverse @ z)
    variance_at = variance - np.einsum("ij,jk,ik->i", k, inverse, k)
    likelihood = -0.5 * z @ inverse @ z - 0.5 * np.linalg.slogdet(K)[1] - len(x) / 2 * np.log(2 * np.pi)
    write(name + "-x", x)
    write(name + "-y", y)
    write(name + "-hyper", np.log(lengths), np.log(variance), np.log(noise))
    write(name + "-at", at)
    write(name + "-mean", predicted)
    write(name + "-deviation", deviation * np.sqrt(variance_at))
    write(name + "-likelihood", likelihood)


def improvement(z):
    """ln(phi(z) + z Phi(z)): Phi by its series, with digits to spare for what cancels."""
    decimal.getcontext().prec = 900
    z = decimal.Decimal(z)
    # Machin's formula
    def arctan_inverse(n):
        total, term, k = decimal.Decimal(0), decimal.Decimal(1) / n, 0
        while abs(term) > decimal.Decimal(10) ** -890:
            total += term / (2 * k + 1) * (-1) ** k
            term /= n * n
            k += 1
        return total

    pi = 4 * (4 * arctan_inverse(5) - arctan_inverse(239))
    density = (-z * z / 2).exp() / (2 * pi).sqrt()
    term, total, k = z, z, 0
    while k < 20 or abs(term) > decimal.Decimal(10) ** -890:
        k += 1
        term *= z * z / (2 * k + 1)
        total += term
        if term == 0:
            break
    below = decimal.Decimal("0.5") + density * total
    value = (density + z * below)
    return float(value.ln()), float(below / value)


random = np.random.default_rng(7)
x = random.random((9, 3))
y = np.sin(3 * x[:, 0]) + x[:, 1] ** 2 + 0.1 * random.standard_normal(9)
at = np.vstack([random.random((4, 3)), x[2:3]])
process("small", x, y, np.array([0.4, 0.9, 2.5]), 1.3, 0.01, at)
x = random.random((40, 2))
y = 100 + 7 * np.cos(4 * x[:, 0] * x[:, 1])
process("large", x, y, np.array([0.5, 0.7]), 2.0, 1e-4, random.random((6, 2)))
for z in [-38.5, -20.0, -8.0, -3.0, -2.999, -1.0, -0.25, 0.0, 0.5, 2.0, 2.999, 3.0, 9.0]:
    write("improvement", z, *improvement(z))
with open(os.path.join(HERE, "gaussian_process.golden"), "w") as file:
    file.write("\n".join(lines) + "\n")
