#!/bin/sh
# league.sh: `synthesize` and `statistics` as programs. O=FOLDER (default: build) has them.
. tests/pipeline/facts.sh
bin=${O:-build}/bin

# synthesize NAME OPTION...: a tiny league in $scratch/NAME; messages go to $scratch/log
synthesize() {
    name=$1
    shift
    "$bin/synthesize" --scale tiny --output "$scratch/$name.manifest" "$@" 2>"$scratch/log"
}

# synthesize_refused CODE TEXT OPTION...: one line that has the text, the exit code, and nothing written
synthesize_refused() {
    code=$1
    text=$2
    shift 2
    synthesize refused "$@"
    [ $? -eq "$code" ] && [ "$(wc -l <"$scratch/log")" -eq 1 ] && grep -q -- "$text" "$scratch/log" &&
        [ ! -e "$scratch/refused" ] && [ ! -e "$scratch/refused.manifest" ]
}

index_all() {
    while read -r level partition; do
        "$bin/index" --data "$scratch/one" --level "$level" --partition "$partition" \
            --output "$scratch/$level-$partition.index" || return 1
    done <<END
video train
video validate
video test
frame train
frame validate
frame test
segment validate
segment test
END
}

same_files() {
    (cd "$scratch/one" && find . -type f | sed 's|^\./||' | sort) >"$scratch/found"
    cut -d' ' -f3 "$scratch/one.manifest" | cmp -s - "$scratch/found"
}

stop_in_the_middle() {
    "$bin/synthesize" --scale tiny --train-videos 400 --threads 2 \
        --output "$scratch/stopped.manifest" 2>"$scratch/log" &
    pid=$!
    until [ "$(cat "$scratch/stopped.manifest.begun" 2>/dev/null | wc -l)" -gt 1 ]; do
        kill -0 $pid 2>/dev/null || break
    done
    kill -TERM $pid
    wait $pid
    [ $? -eq 75 ] && [ ! -e "$scratch/stopped.manifest" ] &&
        grep -q 'stopped by a signal' "$scratch/log"
}

goes_on() {
    first=$(sed -n '2s/.* //p' "$scratch/stopped.manifest.begun")
    before=$(stat -c %i "$scratch/stopped/$first")
    "$bin/synthesize" --scale tiny --train-videos 400 --output "$scratch/stopped.manifest" 2>"$scratch/log" &&
        [ "$before" = "$(stat -c %i "$scratch/stopped/$first")" ] &&
        "$bin/synthesize" --scale tiny --train-videos 400 --output "$scratch/whole.manifest" &&
        cmp "$scratch/stopped.manifest" "$scratch/whole.manifest"
}

measure() {
    "$bin/statistics" --league "$scratch/one.manifest" --published reports/league.csv \
        --output "$scratch/$1.md" --threads "$2"
}

fact "a league is written" synthesize one --threads 1
fact "four threads write the same bytes" sh -c '"$@" && cmp "$0/one.manifest" "$0/four.manifest"' \
    "$scratch" "$bin/synthesize" --scale tiny --threads 4 --output "$scratch/four.manifest"
fact "another seed writes others" sh -c '"$@" && ! cmp -s "$0/one.manifest" "$0/other.manifest"' \
    "$scratch" "$bin/synthesize" --scale tiny --seed 2 --output "$scratch/other.manifest"
fact "the manifest names all files of the folder" same_files
fact "all partitions are indexed" index_all

fact "records of test have neither labels nor ratings" \
    sh -c '! grep -aq "segment_scores\|labels" "$1"' sh "$scratch/one/3/frame/test/testaa.tfrecord"
fact "a stopped run says so and leaves no manifest" stop_in_the_middle
fact "the same command goes on, to the same bytes" goes_on
fact "its statistics fill every row" sh -c '"$@" && [ "$(grep -c "^| [a-z]" "$0/s.md")" -eq 16 ] &&
    ! grep -q "| - |" "$0/s.md"' "$scratch" "$bin/statistics" --league "$scratch/one.manifest" \
    --published reports/league.csv --output "$scratch/s.md"
fact "four threads measure the same" sh -c 'cmp "$0/s1.md" "$0/s4.md"' "$(measure s1 1 && measure s4 4; echo "$scratch")"
fact "parameters that don't fit are refused" synthesize_refused 64 '--leaves 5: fewer than two' --leaves 5
fact "a share above one is refused" synthesize_refused 64 'precision' --precision 2
fact "a partition that is none is refused" synthesize_refused 64 '3/frame/train is none' --partitions 3/frame/train
facts_end
