#!/bin/sh
# resume.sh: training that is killed or asked to stop, again and again, makes the same bytes as
# training that is not.
#
# The moments of the stops are drawn from a seed, as parts of the time that an undisturbed run takes.
# PODIUM_DATA=FOLDER with genuine video-level validation shards is used where it is set; else golden
# records.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
bin=${O:-build}/bin
seed=${SEED:-7}
export QUIET=1

if [ -n "${PODIUM_DATA:-}" ]; then
    data=$PODIUM_DATA
else
    data=$scratch/shards
    mkdir "$data"
    cp "$here/tests/golden/yt8m-video.tfrecord" "$data/validate0000.tfrecord"
fi

# With dropout, mixup, a falling rate, validations, and the state kept after every step.
options="--model resnet-like --inner 16 --mixup 0.4 --validation-steps 7 --schedule plateau
    --max-steps 60 --epochs 1000 --batch-size 7 --curve-steps 3 --save-optimizer
    --checkpoint-seconds 0 --index $scratch/index --validation-index $scratch/index"

# train NAME OPTION...
train() {
    name=$1
    shift
    # shellcheck disable=SC2086 # words
    "$bin/train" $options --output "$scratch/$name" --curve "$scratch/$name.csv" "$@"
}

# The same checkpoint and curve as the undisturbed run's, and nothing left behind.
as_whole() {
    cmp "$scratch/whole" "$scratch/$1" && cmp "$scratch/whole.csv" "$scratch/$1.csv" \
        && same "" "$(find "$scratch" -name '*.progress')"
}

# stop SIGNAL NAME: train, and send the signal after a random part of the time; sets $code.
stop() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    # shellcheck disable=SC2086 # words; the program itself in the background, so that signals reach it
    "$bin/train" $options --output "$scratch/$2" --curve "$scratch/$2.csv" 2>"$scratch/said" &
    process=$!
    sleep "$(awk "BEGIN { print $took * (0.2 + 0.6 * $seed / 2147483648) / 1000 }")"
    kill -"$1" $process 2>/dev/null
    wait $process 2>/dev/null
    code=$?
}

# stopped SIGNAL NAME: go on until training ends by itself. $stops counts the stops, $odd the exit
# codes and messages that are not as they should be: 75 where the state was written, 128 and more
# where the signal came before there was anything to keep.
stopped() {
    stops=0
    odd=0
    kept=0
    took=$whole_took
    while [ $stops -lt 60 ]; do
        stop "$1" "$2"
        if [ $code -eq 0 ] && [ $stops -gt 0 ]; then
            break
        elif [ $code -eq 0 ]; then # faster than the undisturbed run: stop it earlier
            rm -f "$scratch/$2"*
            took=$((took / 2))
            continue
        fi
        stops=$((stops + 1))
        [ -z "$(find "$scratch" -name '*.progress')" ] || kept=$((kept + 1))
        [ $code -gt 128 ] && continue
        if [ $code -ne 75 ] || [ -e "$scratch/$2" ] \
            || ! grep -q 'run the same command again to go on' "$scratch/said"; then
            odd=$((odd + 1))
            cat "$scratch/said"
        fi
    done
    fact "training goes on after $1 until it is done" [ "$code" -eq 0 ]
    fact "each stop by $1 says how to go on, and makes no artifact" [ $odd -eq 0 ]
    fact "some stops by $1 came while there was a state to go on from" [ $kept -gt 0 ]
    fact "training stopped by $1 makes the bytes of training that was not" as_whole "$2"
}

fact "an index is made" "$bin/index" --data "$data" --partition validate --output "$scratch/index"
started=$(date +%s%N)
fact "an undisturbed run trains" train whole
whole_took=$((($(date +%s%N) - started) / 1000000))
stopped KILL killed
stopped TERM asked
stopped USR1 preempted
# damaged COMMAND...: training is killed while there is a state, the command damages it, and training goes on.
damaged() {
    rm -f "$scratch"/*.progress
    took=$whole_took
    while [ -z "$(find "$scratch" -name '*.progress')" ]; do
        rm -f "$scratch/damaged"*
        stop KILL damaged
    done
    state=$(find "$scratch" -name '*.progress')
    "$@" "$state" && train damaged 2>"$scratch/said" && grep -q 'training begins anew' "$scratch/said" && as_whole damaged
}
cut() { truncate -s -1000 "$1"; }
flip() { printf 'x' | dd of="$1" bs=1 seek=$(($(wc -c <"$1") / 2)) conv=notrunc status=none; }
fact "a state that is cut off is not gone on from" damaged cut
fact "a state with a byte that is another is not gone on from" damaged flip
fact "one thread trains too" train alone --threads 1
fact "one thread makes the bytes of two" as_whole alone
facts_end
