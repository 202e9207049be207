#!/bin/sh
# start.sh BUILD: how long each program takes to begin and to say its --help, and in how much memory. Prints those of
# the slowest and of the largest; each is the median of several starts.
set -eu
build=$1 starts=15
for program in "$build"/bin/*; do
    for _ in $(seq $starts); do
        "$build/bench/measure" "$program" --help 2>&1 >/dev/null | sed -n 's/^measure //p'
    done | sort -k 2n | sed -n "$(((starts + 1) / 2))p" | sed "s|\$| ${program##*/}|"
done | awk '
    $2 > slowest { slowest = $2; slow = $4 }
    $3 > largest { largest = $3; large = $4 }
    END {
        printf "start-slowest-of-%d %.1f ms (%s; goal <=10)\n", NR, 1e3 * slowest, slow
        printf "start-largest-of-%d %.1f MB (%s; goal <=8)\n", NR, largest * 1024 / 1e6, large
    }'
