#!/bin/sh
# decode.sh FOLDER: run the benches of decoding on FOLDER/decode.tfrecord and print the ratios.
set -eu
folder=$1
shard=$folder/decode.tfrecord
passes=9

{
    "$folder/decode" warm "$shard"
    if [ -x "$folder/decode_protobuf" ]; then
        "$folder/decode_protobuf" "$shard"
    else
        echo "decode: protobuf's compiler and headers are missing, so there is no peer" >&2
    fi
    "$folder/decode" cold "$shard"
    # the disk's own rate: direct reads, which no cache helps; the best pass, as for the reader
    size=$(wc -c < "$shard")
    seq $passes | while read -r _; do
        LC_ALL=C dd if="$shard" of=/dev/null iflag=direct bs=16M 2>&1 | sed -n 's/.* copied, \([0-9.e+-]*\) s.*/\1/p'
    done | sort -n | head -n 1 |
        awk -v size="$size" '{ printf "disk-direct %.0f MB/s\n", size / $1 / 1e6 }'
} | awk '
    { print; rate[$1] = $2 }
    END {
        if (rate["decode-protobuf"])
            printf "decode-warm-to-protobuf %.2f ratio\n", rate["decode-warm"] / rate["decode-protobuf"]
        if (rate["disk-direct"])
            printf "decode-cold-to-disk %.2f ratio\n", rate["decode-cold"] / rate["disk-direct"]
    }'
