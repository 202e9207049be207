#!/bin/sh
# count.sh RESULT...: show what failed, with its output, then say "N passed, N failed".
set -u
passed=0 failed=0
for result in "$@"; do
    bad=$(grep -c '^not ok' "$result")
    passed=$((passed + $(grep -c '^ok' "$result")))
    failed=$((failed + bad))
    if [ "$bad" -gt 0 ]; then
        echo "--- $(basename "$result" .result)"
        tail -n 200 "$result.output"
        grep '^not ok' "$result"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
