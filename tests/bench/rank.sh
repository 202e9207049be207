#!/bin/sh
# rank.sh BUILD: scoring a submission of the contest's full size, and average precision from scores,
# beside Python peers in the same run. Prints "name value unit" lines; without Python no ratios.
set -eu
build=$1
python=${PYTHON:-/usr/bin/python3}
folder=$(mktemp -d "${TMPDIR:-/tmp}/podium-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM

"$build/bench/segment_league" "${CLASSES:-1000}" "${ENTRIES:-100000}" "$folder"
entries=$((${CLASSES:-1000} * ${ENTRIES:-100000}))

# Five runs, the page cache warm.
: > "$folder/runs"
for _ in 1 2 3 4 5; do
    "$build/bench/measure" "$build/bin/evaluate" --metric map --threads 1 \
        --submission "$folder/submission.csv" --truth "$folder/truth.csv" \
        2>&1 > "$folder/metrics.json" | sed -n 's/^measure //p' >> "$folder/runs"
done
"$build/bench/average_precision" > "$folder/values"
sort -n "$folder/runs" | awk -v entries="$entries" '
    NR == 1 { printf "evaluate %.6f\n", $1 / entries * 1e6 }
            { cpu[NR] = $1; wall[NR] = $2; if ($3 > memory) memory = $3 }
    END     { printf "cpu %.3f\nwall %.3f\nmemory %.1f\n", cpu[1], wall[1], memory / 1024 }
' >> "$folder/values"

if "$python" -c '' 2>/dev/null; then
    "$python" tests/bench/evaluate_peer.py "$folder" >> "$folder/values"
else
    echo "bench-rank: $python is absent: no peers, no ratios" >&2
fi
awk '
    { value[$1] = $2 }
    function ratio(name, peer, ours, goal) {
        if (peer in value)
            printf "%s %.2f x (goal %s)\n", name, value[peer] / value[ours], goal
    }
    END {
        printf "evaluate-cpu %.3f s\nevaluate-wall %.3f s (goal <= 5)\n", value["cpu"], value["wall"]
        printf "evaluate-memory %.1f MiB (goal <= 1024)\n", value["memory"]
        printf "evaluate-per-million %.5f s\n", value["evaluate"]
        printf "scores-per-million %.5f s\n", value["scores"]
        ratio("evaluate-to-python-set", "peer-set", "evaluate", ">= 3.5")
        ratio("evaluate-to-python-heap", "peer-heap", "evaluate", ">= 200")
        ratio("scores-to-numpy-argsort", "peer-argsort", "scores", ">= 8")
    }' "$folder/values"
