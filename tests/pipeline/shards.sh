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
