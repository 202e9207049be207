#!/bin/sh
# A run that is killed or asked to stop, again and again, makes the same bytes as one that is not.
#
# PODIUM_DATA=FOLDER with video-level shards is used where it is set; else a golden file of three
# records is the shard.
#
# The moments of the kills come from a seed, not from the clock's mercy: fractions of the time that
# an undisturbed run takes.
set -eu
bin=${O:-build}/bin
folder=$(mktemp -d)
data=${PODIUM_DATA:-$folder/data}
mkdir -p "$folder/data"
cp tests/golden/yt8m-video.tfrecord "$folder/data/validate0000.tfrecord"
trap 'rm -rf "$folder"' EXIT
export QUIET=1

fail()
{
    echo "not ok - $*"
    exit 1
}

"$bin/index" --data "$data" --partition "${PARTITION:-validate}" --output "$folder/index" 2>&1

# train NAME: with dropout, a falling rate, validation and saves after every step.
train()
{
    name=$1
    shift
    "$bin/train" --model resnet-like --inner 16 --index "$folder/index" \
        --validation-index "$folder/index" --validation-steps 7 --schedule plateau \
        --max-steps 40 --epochs 100 --batch-size 64 --curve-steps 3 --save-optimizer \
        --checkpoint-seconds 0 --output "$folder/$name" --curve "$folder/$name.csv" "$@"
}

same()
{
    cmp "$folder/whole" "$folder/$1" || fail "$1: another checkpoint"
    cmp "$folder/whole.csv" "$folder/$1.csv" || fail "$1: another curve"
    # A signal between the artifact's appearance and the state's end leaves the state.
    case $1 in
    whole | threads) [ -z "$(find "$folder" -name '*.progress')" ] || fail "$1: left its state behind" ;;
    esac
    rm -f "$folder"/*.progress
}

started=$(date +%s%N)
train whole
took=$((($(date +%s%N) - started) / 1000000))

# interrupted SIGNAL NAME CODE: stop it at random fractions of its time until it ends by itself. A
# signal before there is anything to lose ends it as signals do.
interrupted()
{
    signal=$1
    name=$2
    expected=$3
    stops=0
    while :; do
        seed=$(((seed * 1103515245 + 12345) % 2147483648))
        train "$name" 2>"$folder/said" &
        process=$!
        sleep "$(awk "BEGIN { print $took * (0.15 + 0.5 * $seed / 2147483648) / 1000 }")"
        kill -"$signal" $process 2>/dev/null || true
        code=0
        wait $process || code=$?
        if [ $code -eq 0 ]; then
            [ $stops -eq 0 ] || break
            rm -f "$folder/$name"*     # faster than the undisturbed run: stop it earlier
            took=$((took / 2))
            continue
        fi
        [ $code -eq "$expected" ] || [ $code -gt 128 ] || fail "$name: exit code $code: $(cat "$folder/said")"
        [ $code -ne 75 ] || grep -q 'run the same command again' "$folder/said" \
            || fail "$name: did not say how to go on"
        [ $code -ne 75 ] || [ ! -e "$folder/$name" ] \
            || fail "$name: an artifact of a run that was stopped"
        stops=$((stops + 1))
        [ $stops -lt 40 ] || fail "$name: makes no progress"
    done
    same "$name"
    echo "# $stops stops"
    echo "ok - a run that is $name makes the same bytes"
}

seed=${SEED:-7}
interrupted KILL killed 137
interrupted TERM asked 75
interrupted USR1 preempted 75
train threads --threads 1
same threads
echo "ok - one thread makes the same bytes as several"
