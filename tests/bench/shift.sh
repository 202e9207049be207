#!/bin/sh
# shift.sh FOLDER BIN: what predict --shift -1:1 costs, in predictions without a shift: CPU seconds of both, in
# turns, less those of a prediction of one video, which are the program's start and the checkpoint's.
set -eu
folder=$1/shift bin=$2
measure=$1/measure
rounds=3
export QUIET=1
frames=rgb:1024,audio:128
mkdir -p "$folder"

index() { "$bin/index" --data "$folder/league" --partition "$2" --level frame --features $frames --output "$folder/$1.index"; }
"$bin/synthesize" --scale tiny --train-videos 16 --validate-videos 16 --test-videos 96 --output "$folder/league.manifest" >"$folder/log" 2>&1
index learned train >>"$folder/log" 2>&1
index scored test >>"$folder/log" 2>&1
"$bin/split" --index "$folder/scored.index" --parts 1,95 --output "$folder/one.split" >>"$folder/log" 2>&1

# cpu MODEL OPTION...: CPU seconds of a prediction
cpu() {
    model=$1
    shift
    rm -f "$folder/out"*
    "$measure" "$bin/predict" --checkpoint "$folder/$model" --index "$folder/scored.index" --samples segments --output "$folder/out" \
        "$@" 2>&1 >/dev/null | sed -n 's/^measure \([0-9.]*\) .*/\1/p'
}
least() { sort -n | head -n 1; } # of what others disturb, the least says what the work takes
row() {
    model=$1
    shift
    "$bin/train" --features $frames --classes 24 --index "$folder/learned.index" --max-steps 1 --batch-size 4 --output "$folder/$model" \
        "$@" >>"$folder/log" 2>&1
    for kind in start plain shifted; do : >"$folder/$kind"; done
    round=0
    while [ $round -lt $rounds ]; do
        round=$((round + 1))
        cpu "$model" --split "$folder/one.split" >>"$folder/start"
        cpu "$model" >>"$folder/plain"
        cpu "$model" --shift -1:1 >>"$folder/shifted"
    done
    start=$(least <"$folder/start") plain=$(least <"$folder/plain") shifted=$(least <"$folder/shifted")
    awk "BEGIN { printf \"predict-shift-$model %.2f predictions (goal: less than 3)\n\", ($shifted - $start) / ($plain - $start) }"
}
row nextvlad-small --model nextvlad --clusters 16 --groups 4 --expansion 1 --hidden 256 --gate-reduction 8
row nextvlad-large --model nextvlad --clusters 128 --groups 8 --expansion 2 --hidden 2048 --gate-reduction 8
rm -rf "$folder"
