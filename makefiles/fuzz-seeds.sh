#!/bin/sh
# fuzz-seeds.sh MAKE_SEEDS: write tests/fuzz/seeds again: what our writers make, golden files, and
# the head of those that are large. Seeds that were written by hand (*.txt) stay.
set -eu
seeds=tests/fuzz/seeds
find "$seeds" -type f ! -name '*.txt' -exec rm -f {} +
"$1" "$seeds"

# golden FILE HARNESS...: a golden file's first 8,000 bytes, as a seed.
golden() {
    golden_file=tests/golden/$1
    shift
    for harness in "$@"; do
        mkdir -p "$seeds/$harness"
        head -c 8000 "$golden_file" >"$seeds/$harness/golden-$(basename "$golden_file")"
    done
}
golden audioset.tfrecord tfrecord inspect
golden oddities.tfrecord tfrecord inspect
golden soft-labels.tfrecord tfrecord inspect
golden frames.tfrecord.gz inflate
golden events.tfrecord tfrecord inspect
golden safetensors.safetensors safetensors inspect
golden eigenvalues.npy npy
golden rank/videos.safetensors predictions safetensors
golden rank/segments.safetensors predictions
golden rank/segment_label_ids.csv vocabulary csv
golden rank/videos.top5.csv submission_videos csv
golden rank/gap-3.submission.csv submission_videos
golden rank/gap-3.truth.csv truth csv
golden rank/segments.top20.csv submission_segments csv
golden rank/map-0.submission.csv submission_segments
golden rank/rankfuse-fourth.csv rank_fusion
golden rank/segments.top20.csv rank_fusion
golden rank/map-0.truth.csv truth
golden rank/parts.truth.csv truth csv

# Payloads of golden records, each a seed of its own: the framing is 12 bytes before and 4 behind.
payloads() {
    file=tests/golden/$1.tfrecord at=0 number=0
    size=$(wc -c <"$file")
    while [ "$at" -lt "$size" ]; do
        length=$(od -A n -t u8 -j "$at" -N 8 "$file" | tr -d ' ')
        for harness in example shard; do
            [ "$length" -ge 8000 ] || tail -c "+$((at + 13))" "$file" | head -c "$length" >"$seeds/$harness/golden-$1-$number.record"
        done
        at=$((at + length + 16))
        number=$((number + 1))
    done
}
payloads audioset
payloads oddities
payloads soft-labels
payloads yt8m-video
mkdir -p "$seeds/events"
tail -c +57 tests/golden/events.tfrecord | head -c 40 >"$seeds/events/scalar.event"
