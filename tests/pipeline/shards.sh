# shards.sh: for pipeline tests, which read it with `.`: small folders of shards, and damage to them.
# Works on bytes, with nothing but od, dd and the shell.
# shellcheck shell=sh

# number FILE OFFSET: the 32-bit little-endian number there (sizes in tests are smaller than that).
number() {
    od -An -v -tu1 -j "$2" -N 4 "$1" | {
        read -r a b c d
        echo $((a + (b << 8) + (c << 16) + (d << 24)))
    }
}

# bytes NUMBER: the same number as four bytes.
bytes() {
    for shift in 0 8 16 24; do
        # shellcheck disable=SC2059 # the format is the byte
        printf "\\$(printf '%03o' $(($1 >> shift & 255)))"
    done
}

# masked_checksum FILE OFFSET SIZE: of a stretch of a file: CRC-32C, turned right by 15, plus a
# constant (TensorFlow, core/lib/hash/crc32c.h).
masked_checksum() {
    od -An -v -tu1 -w1 -j "$2" -N "$3" "$1" | {
        crc=$((0xffffffff))
        while read -r byte; do
            crc=$((crc ^ byte))
            for _ in 0 1 2 3 4 5 6 7; do
                crc=$((crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1))
            done
        done
        crc=$((crc ^ 0xffffffff))
        echo $((((crc >> 15 | crc << 17 & 0xffffffff) + 0xa282ead8) & 0xffffffff))
    }
}

# record_sizes FILE: the size of each of a TFRecord file's records, framing included.
record_sizes() {
    at=0
    end=$(wc -c <"$1")
    while [ "$at" -lt "$end" ]; do
        size=$(($(number "$1" "$at") + 16))
        echo "$size"
        at=$((at + size))
    done
}

# deal_shards FILE FOLDER RECORDS: shards FOLDER/validateNNNN.tfrecord of so many records each.
deal_shards() {
    mkdir -p "$2"
    record_sizes "$1" | {
        at=0 dealt=0 shard=0
        while read -r size; do
            tail -c +$((at + 1)) "$1" | head -c "$size" >>"$2/validate$(printf '%04d' "$shard").tfrecord"
            at=$((at + size))
            dealt=$((dealt + 1))
            shard=$((dealt / $3))
        done
    }
}

# change_byte SHARD OFFSET: flip the lowest bit of a byte of the first record, and correct the
# record's checksum.
change_byte() {
    length=$(number "$1" 0)
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
    bytes "$(masked_checksum "$1" 12 "$length")" |
        dd of="$1" bs=1 seek=$((12 + length)) conv=notrunc status=none
}

# field TAG: standard input as a field of a protobuf message, length first. TAG: 012, 022 or 032, the
# byte of a length-delimited field 1, 2 or 3.
field() {
    field_body=$(mktemp)
    cat >"$field_body"
    field_size=$(wc -c <"$field_body")
    # shellcheck disable=SC2059 # the format is the bytes
    if [ "$field_size" -lt 128 ]; then
        printf "\\$1\\$(printf '%03o' "$field_size")"
    else
        printf "\\$1\\$(printf '%03o' $((field_size & 127 | 128)))\\$(printf '%03o' $((field_size >> 7)))"
    fi
    cat "$field_body"
    rm "$field_body"
}

# feature_frames NAME WIDTH FRAMES: an entry of feature_lists; frame i is the number i, WIDTH digits.
feature_frames() {
    {
        printf '%s' "$1" | field 012
        for i in $(seq "$3"); do
            printf "%0$2d" "$i" | field 012 | field 012 | field 012
        done | field 022
    } | field 012
}

# append_video SHARD ID CLASS FRAMES: a frame-level record with rgb:8 and audio:4, and one label
# (below 100), as tf.SequenceExample has it.
append_video() {
    append_body=$(mktemp)
    {
        {
            { printf 'id' | field 012 && printf '%s' "$2" | field 012 | field 012 | field 022; } | field 012
            # shellcheck disable=SC2059 # the format is the byte
            { printf 'labels' | field 012 && printf "\\$(printf '%03o' "$3")" | field 012 | field 032 | field 022; } | field 012
        } | field 012
        { feature_frames rgb 8 "$4" && feature_frames audio 4 "$4"; } | field 022
    } >"$append_body.payload"
    append_size=$(wc -c <"$append_body.payload")
    { bytes "$append_size" && bytes 0; } >"$append_body"
    {
        cat "$append_body"
        bytes "$(masked_checksum "$append_body" 0 8)"
        cat "$append_body.payload"
        bytes "$(masked_checksum "$append_body.payload" 0 "$append_size")"
    } >>"$1"
    rm "$append_body" "$append_body.payload"
}
