#!/bin/sh
# fuzz.sh FOLDER SECONDS NAME...: run each fuzzer in FOLDER/bin for its share of the time, then say
# what each did. Exit code 70 where one found something: the input is kept, and how to look at it is
# said.
#
# What an input taught stays in FOLDER/corpus/NAME for the next run. Whoever fixes a finding moves its
# input to tests/fuzz/found/NAME, where `make test` has it.
set -u
folder=$1 seconds=$2
shift 2
share=$((seconds / $#))
[ "$share" -gt 0 ] || share=1
longest=8192 # bytes of an input: every reader's tables have some hundred rows in that
findings=$folder/findings
table=$folder/table
mkdir -p "$findings"
broken=0
trap 'exit 75' INT TERM HUP

# Which words a harness's format has.
words() {
    case $1 in
    safetensors | checkpoint | predictions | index | split) echo tests/fuzz/tensors.dict ;;
    provenance | lineage | metrics) echo tests/fuzz/json.dict ;;
    tfrecord | inflate | example | shard | events) echo tests/fuzz/record.dict ;;
    *) echo tests/fuzz/text.dict ;;
    esac
}

# The value of a line "stat::NAME: value", the last one.
stat_of() {
    sed -n "s/^stat::$1: *//p" "$2" | tail -n 1
}

# An input that takes a minute is a hang: on a busy machine ten seconds may be a moment. Memory is
# counted by the harness itself; the limits here are what stops the machine from swapping.
fuzz() {
    corpus=$folder/corpus/$1
    found=tests/fuzz/found/$1
    mkdir -p "$corpus" "$folder/none"
    [ -d "$found" ] || found=$folder/none
    "$folder/bin/$1" -max_total_time="$share" -max_len="$longest" -timeout=60 -rss_limit_mb=2048 \
        -malloc_limit_mb=256 -dict="$(words "$1")" -artifact_prefix="$findings/$1-" \
        -print_final_stats=1 -reload=0 -verbosity=1 "$corpus" "tests/fuzz/seeds/$1" "$found" \
        >"$folder/$1.log" 2>&1 </dev/null
}

printf '%-22s %14s %10s %9s %9s  %s\n' harness executions exec/s coverage features findings >"$table"
for name in "$@"; do
    before=$(find "$findings" -name "$name-*" | wc -l)
    fuzz "$name"
    code=$?
    log=$folder/$name.log
    found=$(($(find "$findings" -name "$name-*" | wc -l) - before))
    if [ "$code" -ne 0 ]; then
        broken=1
        [ "$found" -gt 0 ] || found=1
        echo "fuzz: $name: $(sed -n 's/^SUMMARY: //p' "$log" | tail -n 1)" >&2
        input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        echo "    look at it:  $folder/bin/$name ${input:-INPUT}" >&2
        echo "    once fixed:  mv ${input:-INPUT} tests/fuzz/found/$name/   (then make test-fuzz-$name)" >&2
    fi
    printf '%-22s %14s %10s %9s %9s  %s\n' "$name" "$(stat_of number_of_executed_units "$log")" \
        "$(stat_of average_exec_per_sec "$log")" \
        "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)" \
        "$(sed -n 's/.* ft: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)" "$found" >>"$table"
done
cat "$table"
awk 'NR > 1 { sum += $2 } END { printf "%-22s %14d\n", "all", sum }' "$table"
[ "$broken" -eq 0 ] || exit 70
