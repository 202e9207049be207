#!/bin/sh
# fingerprint.sh BUILD: fingerprints of shards of frames, from the page cache and from the disk, beside
# reading the shards. They lie under BUILD, on its disk, and go away.
set -eu
build=$1
folder=$build/bench/fingerprint-shards
trap 'rm -rf "$folder" "$folder".manifest*' EXIT
trap 'exit 1' INT TERM

# As long as the dataset's longest videos: 350 KB a record, 31 records a shard.
"$build/bin/synthesize" --scale tiny --partitions 2/frame/train --train-shards 128 --train-videos 4000 \
    --length-from 300 --length-to 300 --output "$folder.manifest"
for state in warm cold; do
    "$build/bench/fingerprint" $state "$folder"/2/frame/train/*.tfrecord
done
