#!/bin/sh
# rankfuse.sh BUILD: fusing submissions of the contest's depth, beside Python peers on the same files.
# Prints "name value unit" lines; without Python no ratios.
#
#   CLASSES=n   in each of 4 files (100: 40 million segments, so that starting a program counts for little)
#   MANY=n      files of which the memory is measured (20)
#
# The files are artifacts, as they are in a recipe: their hashes are known. Peers use one thread.
set -eu
build=$1
python=${PYTHON:-/usr/bin/python3}
folder=$(mktemp -d "${TMPDIR:-/tmp}/podium-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
export OMP_WAIT_POLICY=passive QUIET=1 OPENBLAS_NUM_THREADS=1
classes=${CLASSES:-100} many=${MANY:-20}
: >"$folder/values"

# models COUNT CLASSES: their submissions, fused each with nothing, which gives itself and its provenance.
models() {
    mkdir "$folder/drawn" "$folder/in"
    "$build/bench/segment_league" "$2" 100000 "$folder/drawn" "$1"
    for file in "$folder"/drawn/*.csv; do
        "$build/bin/rankfuse" "$file" --output "$folder/in/${file##*/}"
    done
    cmp "$folder/drawn/model-1.csv" "$folder/in/model-1.csv"
    rm -r "$folder/drawn"
}

# own_memory: the most that a run on two threads takes beside mapped pages, in KiB, looked at now and then.
own_memory() {
    rm -f "$folder"/fused.csv*
    "$build/bin/rankfuse" --threads 2 --output "$folder/fused.csv" "$folder"/in/*.csv &
    child=$! most=0
    while own=$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$child/status" 2>/dev/null) && [ -n "$own" ]; do
        [ "$own" -le "$most" ] || most=$own
    done
    wait $child
    echo "$most"
}

# fuse THREADS RUNS: the least CPU seconds, seconds, and the most memory in KiB.
fuse() {
    for _ in $(seq "$2"); do
        rm -f "$folder"/fused.csv*
        "$build/bench/measure" "$build/bin/rankfuse" --threads "$1" --output "$folder/fused.csv" "$folder"/in/*.csv 2>&1 |
            sed -n 's/^measure //p'
    done | awk '
        NR == 1 || $1 < cpu { cpu = $1 }
        NR == 1 || $2 < wall { wall = $2 }
        $3 > memory { memory = $3 }
        END { print cpu, wall, memory }'
}

# Ours and the fastest peers in turns, so that a busy machine is busy for all; what is slow runs once.
models 4 "$classes"
peers() {
    if "$python" -c '' 2>/dev/null; then
        "$python" tests/bench/rankfuse_peer.py "$folder/fused.csv" "$1" "$folder"/in/*.csv >>"$folder/values"
    else
        echo "bench-rankfuse: $python is absent: no peers, no ratios" >&2
    fi
}
for _ in 1 2 3; do
    fuse 1 3 | awk '{ print "cpu-1", $1; print "wall-1", $2 }' >>"$folder/values"
    fuse 2 3 | awk '{ print "wall-2", $2; print "memory-4", $3 }' >>"$folder/values"
    peers numpy,numpy-bytes
done
peers pandas,dict
echo "own-4 $(own_memory)" >>"$folder/values"
rm -r "$folder/in"
models "$many" 3
fuse 2 1 | awk '{ print "memory-many", $3 }' >>"$folder/values"
echo "own-many $(own_memory)" >>"$folder/values"

# Of several rounds the least seconds, and the most memory.
awk -v many="$many" -v segments="$((classes * 400000))" '
    !($1 in value) || ($1 ~ /memory|own/ ? $2 > value[$1] : $2 < value[$1]) { value[$1] = $2 }
    /^peer-/ && (!best || $2 < best) { best = $2; name = $1 }
    END {
        printf "rankfuse-cpu-1 %.3f s\nrankfuse-wall-1 %.3f s\n", value["cpu-1"], value["wall-1"]
        printf "rankfuse-wall-2 %.3f s\nrankfuse-per-million %.5f s\n", value["wall-2"], value["cpu-1"] / segments * 1e6
        printf "rankfuse-memory-4-files %.1f MiB (%.1f with mapped pages; goal <= 64)\n", value["own-4"] / 1024, value["memory-4"] / 1024
        printf "rankfuse-memory-%d-files %.1f MiB (%.1f with mapped pages; goal <= 64)\n", many, value["own-many"] / 1024, value["memory-many"] / 1024
        for (peer in value)
            if (peer ~ /^peer-/)
                printf "rankfuse-%s %.3f s\n", peer, value[peer]
        if (!best)
            exit
        if (value["peer-numpy"])
            printf "rankfuse-1-to-strings %.2f x peer-numpy\n", value["peer-numpy"] / value["cpu-1"]
        printf "rankfuse-1-to-best %.2f x %s (goal >= 15; CPU seconds)\n", best / value["cpu-1"], name
        printf "rankfuse-2-to-best %.2f x %s (goal >= 26; seconds)\n", best / value["wall-2"], name
    }' "$folder/values"
