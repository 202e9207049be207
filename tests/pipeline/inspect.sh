#!/bin/sh
# inspect.sh: inspect, run as a user runs it, on files that other programs wrote.
set -eu
inspect=${O:-build}/bin/inspect
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
# shellcheck disable=SC2317 # the facts' commands are called through check

# check FACT COMMAND...: the command must succeed
check() {
    fact=$1
    shift
    if "$@"; then
        echo "ok - $fact"
    else
        echo "not ok - $fact"
        failed=1
    fi
}

# refuses CODE TEXT ARGUMENT...: inspect exits with the code and says the text on stderr, in one line
refuses() {
    code=$1
    text=$2
    shift 2
    status=0
    "$inspect" "$@" > "$folder/out" 2> "$folder/error" || status=$?
    [ "$status" = "$code" ] && grep -qF -- "$text" "$folder/error" && [ "$(wc -l < "$folder/error")" = 1 ]
}

same() {
    "$inspect" "$1" | cmp - "$2"
}

prints() { # FILE TEXT: the output has this line
    "$inspect" "$1" | grep -qxF -- "$2"
}

for name in yt8m-video audioset frames oddities; do
    check "$name: inspect prints what protobuf's runtime reads" same tests/golden/$name.tfrecord tests/golden/$name.jsonl
done
check "a gzip file is told from its content" same tests/golden/frames.tfrecord.gz tests/golden/frames.jsonl
check "a zlib file is told from its content" same tests/golden/frames.tfrecord.zlib tests/golden/frames.jsonl

cp tests/golden/frames.tfrecord.gz "$folder/any.csv"
check "the name of a file says nothing" same "$folder/any.csv" tests/golden/frames.jsonl

two_and_three() {
    "$inspect" --records 1:3 tests/golden/frames.tfrecord > "$folder/out"
    sed -n 2,3p tests/golden/frames.jsonl | cmp - "$folder/out"
}
check "--records 1:3 prints the second and third record" two_and_three
check "--records that is no range is a wrong usage" refuses 64 "not a range" --records 3:1 tests/golden/frames.tfrecord
check "no file is a wrong usage" refuses 64 "no file"
check "a missing file is no input" refuses 66 "No such file" "$folder/missing"

size=$(wc -c < tests/golden/frames.tfrecord)
head -c $((size - 1)) tests/golden/frames.tfrecord > "$folder/cut"
check "a file that is cut off is refused by name and byte" refuses 65 "record 3 is cut off; download it again" "$folder/cut"
check "what came before the damage was printed" [ "$(wc -l < "$folder/out")" = 3 ]

check "events are printed by step, tag and value" prints tests/golden/events.tfrecord '{"step":10,"tag":"loss","value":0.3,"wall_time":2.25}'
check "a value that is no number is null" prints tests/golden/events.tfrecord '{"step":10,"tag":"rate","value":null,"wall_time":2.25}'
check "tensors are printed with type, shape and digest" prints tests/golden/safetensors.safetensors \
    '  "starts":{"dtype":"I64","shape":[3],"sha256":"8f3ce4a418ede3a38acfdf906fc61b73581af4d55dd91c105a693796893466b2"},'

printf '{"b":[1],"a":"x"}' > "$folder/json"
printf '{\n  "b": [\n    1\n  ],\n  "a": "x"\n}\n' > "$folder/pretty"
check "JSON is indented" same "$folder/json" "$folder/pretty"
printf '{"b":[1}' > "$folder/json"
check "what begins as JSON and is none is refused by line and column" refuses 65 "json:1:8: " "$folder/json"

printf 'Class,Segments\n3,"a ""b"", c"\n4,\n' > "$folder/table"
printf '{"columns":["Class","Segments"],\n "first":[\n  ["3","a \\"b\\", c"],\n  ["4",""]],\n "rows":2}\n' > "$folder/rows"
check "a CSV is printed with columns, rows and first lines" same "$folder/table" "$folder/rows"

head -c 64 /dev/zero > "$folder/zeros"
check "bytes of no known kind are refused" refuses 65 "neither TFRecords" "$folder/zeros"
: > "$folder/empty"
check "an empty file has no records" same "$folder/empty" "$folder/empty"

broken_pipe() { # a pipe whose reader is gone before all is written
    mkfifo "$folder/pipe"
    head -c 1 < "$folder/pipe" > "$folder/head" &
    status=0
    yes tests/golden/frames.tfrecord | head -n 400 | xargs "$inspect" > "$folder/pipe" 2> "$folder/error" || status=$?
    wait
    rm "$folder/pipe"
    [ "$status" = 0 ] && [ ! -s "$folder/error" ]
}
check "a reader that has seen enough is no failure" broken_pipe
if [ -e /dev/full ]; then
    status=0
    "$inspect" tests/golden/frames.tfrecord > /dev/full 2> "$folder/error" || status=$?
    check "output that can't be written is an I/O error" [ "$status" = 74 ]
fi

if [ -n "${PODIUM_DATA:-}" ]; then
    find "$PODIUM_DATA" -name '*.tfrecord' | LC_ALL=C sort > "$folder/shards"
    check "all of PODIUM_DATA is read" xargs "$inspect" < "$folder/shards" > "$folder/out"
    check "and each record has an id" [ "$(grep -c '^{"id":"' "$folder/out")" = "$(wc -l < "$folder/out")" ]
    echo "inspect.sh: $(wc -l < "$folder/out") records of PODIUM_DATA" >&2
else
    echo "inspect.sh: PODIUM_DATA is not set: genuine shards are not read" >&2
fi
exit $failed
