#!/usr/bin/python3
"""Compare what `inspect` prints with what Google's protobuf runtime reads, record by record.

    compare.py INSPECT FILE...
"""
import subprocess
import sys

from tf_example import records
from videos import dumps, expected

count = 0
for path in sys.argv[2:]:
    lines = subprocess.run([sys.argv[1], path], check=True, capture_output=True, text=True).stdout.splitlines()
    payloads = list(records(path))
    if len(lines) != len(payloads):
        sys.exit(f"{path}: {len(lines)} lines for {len(payloads)} records")
    for number, (line, payload) in enumerate(zip(lines, payloads)):
        if line != dumps(expected(payload)):
            sys.exit(f"{path}: record {number} differs\n{line}\n{dumps(expected(payload))}")
    count += len(payloads)
print(f"{count} records agree")
