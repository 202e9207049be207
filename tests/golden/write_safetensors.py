"""Writes safetensors.safetensors with the format's own library, for tests/unit/test_safetensors.c.

One type for each element size, so that the library's order (by type) is also ours (by size).
    python3 -m pip install safetensors numpy; python3 tests/golden/write_safetensors.py
"""
import os
import numpy
from safetensors.numpy import save_file

here = os.path.dirname(os.path.abspath(__file__))
tensors = {
    "starts": numpy.array([-5, 2**40, 7], dtype=numpy.int64),
    "weights/b": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4,
    "weights/a": numpy.array([[-0.5]], dtype=numpy.float32),
    "half": numpy.array([1.5, -2.0], dtype=numpy.float16),
    "frames": numpy.arange(7, dtype=numpy.uint8),
    "nothing": numpy.zeros((0, 4), dtype=numpy.uint8),
    "single \"quoted\" \u00fc": numpy.array(3.25, dtype=numpy.float32),
}
save_file(tensors, os.path.join(here, "safetensors.safetensors"), metadata={"kind": "golden \u00e9"})
