#!/bin/sh
# samples.sh: what training and predicting do with videos and ratings as odd as the dataset's: a single frame,
# segments that begin behind the end, scores that are none; and with several sources, stopped in the middle.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
# shellcheck source=tests/pipeline/shards.sh
. tests/pipeline/shards.sh
bin=${O:-build}/bin
export QUIET=1
cd "$scratch" || exit 1

frames=rgb:1024,audio:128
small="--model nextvlad --clusters 4 --groups 2 --expansion 1 --hidden 16 --gate-reduction 4 --batch-size 8"

index() { # NAME FOLDER PARTITION LEVEL FEATURES
    "$bin/index" --data "$2" --partition "$3" --level "$4" --features "$5" --output "$1.index"
}
# shellcheck disable=SC2086 # words
pretrain() { "$bin/train" $small --features $frames --classes 1100 --index frames.index --epochs 1 --output pretrained; }
tune() { "$bin/train" --from pretrained --labels segment --mixup 0.4 --epochs 1 --output made/x "$@"; }

fact "a league is written and indexed" eval '
    "$bin/synthesize" --scale tiny --train-videos 24 --validate-videos 8 --test-videos 4 --output league.manifest &&
    index frames league train frame $frames && index rated league validate segment $frames && pretrain'

# Of the golden records one has 7 frames, and ratings from second 110 on.
deal_shards "$here/tests/golden/frames.tfrecord" dealt 1
mkdir behind
cp dealt/validate0001.tfrecord behind/validate0000.tfrecord
fact "ratings behind the end are indexed" index behind behind validate any $frames

# ---- segments behind the end ----
fact "ratings that all begin behind the end are refused" \
    refused 65 "behind.index: no sample has a frame: there is nothing to load" tune --index behind.index
counted() {
    tune "$@" --index rated.index --index behind.index 2>said &&
        same 1 "$(grep -c "^train: 4 of [0-9]* samples begin behind their video's last frame and are left out$" said)" &&
        grep -q '"left_out": 4}' made/x.log
}
fact "beside others they are left out, and counted once on stderr and in the log" counted
fact "a batch that has none but them is passed over" counted --batch-size 1
fact "where none is left out the log says that" eval '
    rm -rf made && tune --index rated.index 2>said && same "" "$(cat said)" && grep -q "\"left_out\": 0}" made/x.log'

# ---- scores ----
# The score 0.3 is 9a 99 99 3e; with the lowest bit of its last byte flipped it is 1.2.
doctor_score() {
    offset=$(od -An -v -tx1 -w1 behind/validate0000.tfrecord | tr -d ' ' | awk '
        { last = last $1; if (length(last) > 8) last = substr(last, length(last) - 7) }
        last == "9a99993e" { print NR - 1; exit }')
    mkdir doctored && cp behind/validate0000.tfrecord doctored/ &&
        change_byte doctored/validate0000.tfrecord "$offset" && index doctored doctored validate any $frames
}
fact "a score is made 1.2" doctor_score
fact "a score above 1 is refused by video, segment and class" \
    refused 65 "doctored.index: video cd34, segment 155: class 1036 has the score 1.2, which is not in [0, 1]" \
    tune --index rated.index --index doctored.index

# ---- one frame ----
# Videos of 1, 2, 9 and 10 frames: their segments begin at 0; 0; 0, 5; 0, 5.
short() {
    mkdir short && append_video short/train0000.tfrecord aaaa 3 1 && append_video short/train0000.tfrecord bbbb 1 2 &&
        append_video short/train0001.tfrecord cccc 2 9 && append_video short/train0001.tfrecord dddd 0 10 &&
        index short short train frame rgb:8,audio:4
}
# shorts THREADS: trained on with strides beyond the length of most of them, then scored
shorts() {
    # shellcheck disable=SC2086 # words
    "$bin/train" $small --features rgb:8,audio:4 --classes 4 --index short.index --downsample 5:10 --batch-size 3 \
        --epochs 9 --threads "$1" --output "short.$1" &&
        "$bin/predict" --checkpoint "short.$1" --index short.index --samples segments --threads "$1" --output "scores.$1"
}
digest() { printf "$1" | sha256sum | cut -d' ' -f1; }
as_expected() {
    "$bin/inspect" scores.1 >said &&
        grep -q "\"ids\":{\"dtype\":\"U8\",\"shape\":\[6,4\],\"sha256\":\"$(digest aaaabbbbccccccccdddddddd)\"}" said &&
        grep -q "\"starts\":{\"dtype\":\"I32\",\"shape\":\[6\],\"sha256\":\"$(digest '\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\5\0\0\0')\"}" said ||
        { cat said && false; }
}
fact "shards written by hand are indexed" short
fact "videos of one, two, nine and ten frames are trained on and scored" shorts 1
fact "two threads make the same bytes of them" eval 'shorts 2 && cmp short.1 short.2 && cmp scores.1 scores.2'
fact "each has its segments in order, a last one with the frames that are left" as_expected

# ---- several sources, stopped ----
# mixed NAME OPTION...: down-sampled videos of two indexes, with mixup, the state kept after every step
mixed() {
    name=$1
    shift
    # shellcheck disable=SC2086 # words; exec, so that a signal to the background job reaches the program
    exec "$bin/train" $small --features $frames --classes 24 --index frames.index --index rated.index --downsample 5:10 \
        --mixup 0.4 --dropout 0.2 --epochs 12 --seed 5 --checkpoint-seconds 0 --save-optimizer --output "$name" \
        --curve "$name.csv" "$@"
}
# Ask it to stop when its state is there, each time a little later, so that a slow machine gets on too,
# until it ends by itself; $stops says how often that was.
stopped() {
    stops=0
    while [ $stops -lt 100 ]; do
        mixed stopped 2>said &
        process=$!
        until [ -n "$(find . -name '*.progress')" ] || ! kill -0 $process 2>/dev/null; do :; done
        sleep "$(awk "BEGIN { print 0.1 + 0.05 * $stops }")"
        kill -"$1" $process 2>/dev/null
        wait $process 2>/dev/null && break
        stops=$((stops + 1))
    done
    [ $stops -gt 0 ] && cmp whole stopped && cmp whole.csv stopped.csv && same "" "$(find . -name '*.progress')" &&
        rm stopped*
}
fact "videos of two sources are trained on" eval '(mixed whole)'
fact "one thread makes the same bytes" eval '(mixed alone --threads 1) && cmp whole alone && cmp whole.csv alone.csv'
fact "stopped by a signal, again and again, too" stopped TERM
fact "killed, again and again, too" stopped KILL
facts_end
