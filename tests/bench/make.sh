#!/bin/sh
# make.sh BUILD: a make that has nothing to do, for a recipe of 200 artifacts over 3,844 shards, with a
# cache of its own artifacts and with one of 20,000 more; and what such a cache costs. The programs and the sources are copied, the league and what is made of it lie in TMPDIR, and go away.
# ARTIFACTS, SHARDS, ENTRIES: other sizes. Prints "name value unit" lines: the fastest of several makes and the
# median, and beside them a makefile of as many stamps over the same shards, which has no keys,
# hashes no flags and believes all times.
set -eu
build=$(cd "$1" && pwd) artifacts=${ARTIFACTS:-200} shards=${SHARDS:-3844} entries=${ENTRIES:-20000}
passes=7
scratch=$(mktemp -d "${TMPDIR:-/tmp}/podium-bench.XXXXXX")
memory=$(mktemp -d /dev/shm/podium-bench.XXXXXX 2>/dev/null || mktemp -d "$scratch/memory.XXXXXX")
trap 'rm -rf "$scratch" "$memory"' EXIT
trap 'exit 1' INT TERM HUP
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS O SANITIZE

copy=$scratch/copy league=$scratch/league
mkdir -p "$copy/build"
for part in Makefile VERSION makefiles submissions reports common models stages; do
    cp -a "$part" "$copy/"
done
for part in obj lib bin packages; do
    cp -a "$build/$part" "$copy/build/"
done
sh tests/bench/large_recipe.sh "$artifacts" >"$copy/submissions/large.mk"
"$build/bin/synthesize" --scale tiny --partitions 2/video/train,2/video/validate --train-shards "$shards" \
    --train-videos $((2 * shards)) --validate-shards 4 --validate-videos 32 --output "$league.manifest" 2>/dev/null

run() {
    (cd "$copy" && make QUIET=1 DATA="$league" SCALE=tiny CLASSES=24 "$@") >"$scratch/said" 2>&1 || {
        tail -n 20 "$scratch/said" >&2
        exit 1
    }
}

# The same as make itself does it: a stamp for each artifact, a chain of them, over all shards.
plain=$scratch/plain
mkdir "$plain"
{
    echo "all: $artifacts.stamp"
    echo '%.stamp: ; touch $@'
    echo "1.stamp: $(echo "$league"/2/video/*/*.tfrecord)"
    for number in $(seq 2 "$artifacts"); do
        echo "$number.stamp: $((number - 1)).stamp"
    done
} >"$plain/Makefile"

plain_make() {
    make -rR -C "$plain" >"$scratch/said"
}

# seconds COMMAND...: of several runs the fewest, and the median.
seconds() {
    for _ in $(seq $passes); do
        started=$(date +%s%N)
        "$@"
        echo $(($(date +%s%N) - started))
    done | sort -n | awk '{ all[NR] = $1 / 1e9 } END { printf "%.3f %.3f", all[1], all[int((NR + 1) / 2)] }'
}

sleep 0.2 # what changed just now is looked at once more
run -j"$(nproc)" large
plain_make
sleep 0.2
run large
nothing=$(seconds run large)
(cd "$copy" && "$build/bench/measure" make QUIET=1 DATA="$league" SCALE=tiny CLASSES=24 large 2>&1 >"$scratch/said") |
    awk '/^measure / { printf "make-nothing-cpu %.3f seconds\n", $2 }'
bare=$(seconds plain_make)
echo "$nothing $bare" | awk '{
    printf "make-nothing %.3f seconds\nmake-nothing-median %.3f seconds\n", $1, $2
    printf "plain-make-nothing %.3f seconds\nmake-nothing-to-plain-make %.1f ratio\n", $3, $1 / $3
}'

# Filled in memory, where nothing waits for the disk; then the build enters all it has by links.
"$build/bench/cache" fill "$memory/cache" "$entries"
cp -a "$memory/cache" "$scratch/cache"
run large CACHE="$scratch/cache"
nothing=$(seconds run large CACHE="$scratch/cache")
echo "$nothing" | awk '{ printf "make-nothing-full-cache %.3f seconds\nmake-nothing-full-cache-median %.3f seconds\n", $1, $2 }'
once() {
    started=$(date +%s%N)
    "$@" >"$scratch/said"
    echo "$(($(date +%s%N) - started))" | awk '{ printf "%.3f", $1 / 1e9 }'
}
echo "cache-status-$entries $(once "$build/bin/cache" --size 20G "$scratch/cache") seconds"
echo "cache-prune-$entries $(once "$build/bin/cache" --keep 1K --remove "$scratch/cache") seconds"
"$build/bench/cache" restore "$scratch/cache" 1024
