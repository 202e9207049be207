#!/bin/sh
# bad_input.sh: what each kind of bad input gets: one clear line, the exit code that fits, no file.
#
# O=FOLDER (default: build) has the programs.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
bin=${O:-build}/bin
good=$here/tests/golden/yt8m-video.tfrecord
features=mean_rgb:1024,mean_audio:128
export QUIET=1
mkdir "$scratch/d" "$scratch/empty"
cd "$scratch" || exit 1

index() { "$bin/index" --partition validate --output made/v.index "$@"; }
shard() { cat "$@" >d/validate0000.tfrecord; }

# ---- shards ----
size=$(wc -c <"$good")
head -c $((size - 1)) "$good" | shard
fact "a truncated record is refused by file, byte and number" \
    refused 65 "record 2 is cut off; download it again" index --data d --features $features
shard "$good"
printf '\377' | dd of=d/validate0000.tfrecord bs=1 seek=300 conv=notrunc 2>/dev/null
fact "a flipped bit is refused as damage, by file and byte" \
    refused 65 "d/validate0000.tfrecord:0: record 0 is damaged: its checksum differs" index --data d --features $features
# a length of 2^60 under a right checksum: the masked CRC-32C of its eight bytes follows them
printf '\000\000\000\000\000\000\000\020\304\043\116\216' | shard
fact "a length of 2^60 is refused, not allocated" refused 65 "d/validate0000.tfrecord:0: record 0" index --data d --features $features
shard "$good"
fact "a feature of another width is refused with both widths" \
    refused 65 "feature mean_rgb has 1024 values, not 1000" index --data d --features mean_rgb:1000
fact "a feature that the shards don't have is refused by name" \
    refused 65 "the record has no feature rgb" index --data d --features rgb:1024
shard "$good" "$good"
fact "an id that repeats is refused with both places" refused 65 "is also that of the record" index --data d --features $features
fact "a folder without shards is refused" refused 66 "empty: no shards" index --data empty
fact "a folder that does not exist is refused" refused 66 "nowhere: No such file or directory" index --data nowhere
shard "$good"
fact "a partition that the folder lacks is refused, with those it has" \
    refused 66 "no shards train*.tfrecord" index --data d --partition train

# ---- options and checkpoints ----
"$bin/index" --partition validate --data d --features $features --output v.index
train() { "$bin/train" --index v.index --data d --epochs 1 --batch-size 2 --output made/m.safetensors "$@"; }
predict() { "$bin/predict" --index v.index --data d --output made/p.safetensors "$@"; }
fact "an unknown option is refused, and a near one is named" \
    refused 64 "--epohcs: no such option; did you mean --epochs?" train --model moe --epohcs 3
fact "an option out of its range is refused with the range" \
    refused 64 "--experts 100: must be from 1 to 64" train --model moe --experts 100
fact "an unknown model is refused" refused 64 "--model nothing" train --model nothing
fact "a class beyond the vocabulary is refused by video" refused 65 "and the model has 3 classes" train --model logistic --classes 3
"$bin/train" --index v.index --data d --epochs 1 --batch-size 2 --model logistic --output m.safetensors
fact "a checkpoint of another model is refused" \
    refused 64 "m.safetensors is of logistic" train --from m.safetensors --model moe
fact "a file that is no checkpoint is refused" refused 65 "v.index: not a checkpoint" predict --checkpoint v.index
head -c 100000 m.safetensors >cut.safetensors
fact "a checkpoint that is cut short is refused" refused 65 "cut.safetensors" predict --checkpoint cut.safetensors
sed 's/"format":"1"/"format":"9"/' m.safetensors >newer.safetensors
fact "a checkpoint of another version is refused" refused 65 "newer.safetensors" predict --checkpoint newer.safetensors

# ---- CSV ----
printf 'VideoId,Labels\naaaa,1 2\n' >truth.csv
evaluate() { "$bin/evaluate" --metric gap --top 20 --submission s.csv --truth truth.csv --output made/metrics.json; }
csv() { printf 'VideoId,LabelConfidencePairs\n%b\n' "$1" >s.csv; }
csv 'aaaa,1 0.5 2'
fact "a pair without its score is refused by line and column" refused 65 "s.csv:2:12: class 2 has no score" evaluate
csv 'aaaa,1 nan'
fact "a score that is no number is refused by line and column" refused 65 's.csv:2:8: the score "nan"' evaluate
csv 'aaaa'
fact "a row with a field too few is refused" refused 65 "s.csv:2:5: 1 field" evaluate
printf 'aaaa,1 0.5\n' >s.csv
fact "a file without its header is refused" refused 65 "s.csv:1:" evaluate

# ---- outputs ----
fact "a folder that can't be made is said" refused 73 "can't be made" predict --checkpoint m.safetensors --output /proc/none/p.safetensors
if mkdir full && mount -t tmpfs -o size=64k none full 2>/dev/null; then
    fact "a full disk is said with the file, and leaves nothing" \
        refused 74 "No space left on device" predict --checkpoint m.safetensors --output full/p.safetensors
    fact "nothing is left on the full disk" same "" "$(ls -A full)"
    umount full
else
    echo "bad_input.sh: no right to mount a small file system; the full disk is left out" >&2
fi

# ---- a shard that changes behind its index ----
# The same records in another order: the same size, and every checksum is right.
(cd "$here" && deal_shards "$good" "$scratch/dealt" 1)
straight() { cat dealt/validate0000.tfrecord dealt/validate0001.tfrecord dealt/validate0002.tfrecord >w/validate0000.tfrecord; }
turned() { cat dealt/validate0002.tfrecord dealt/validate0001.tfrecord dealt/validate0000.tfrecord >w/validate0000.tfrecord; }
mkdir w && straight && sleep 0.2 && "$bin/index" --partition validate --data w --features $features --output w.index
learn() { "$bin/train" --index w.index --data w --model logistic --batch-size 2 --output made/m.safetensors "$@"; }
turned
fact "a shard that is another than its index's is refused, though its size is the same" \
    refused 65 "w/validate0000.tfrecord: is not the shard that was indexed; index it again" learn --epochs 1
straight
fact "a shard that only looks otherwise is not" learn --epochs 1
learning() { until [ -e made/m.safetensors.events ] || ! kill -0 $child; do sleep 0.02; done; } # has begun
cp w/validate0000.tfrecord changed && change_byte changed 300 # and its checksum
changed_in_training() {
    rm -rf made
    learn --epochs 100000 --max-steps 500 2>said &
    child=$!
    learning
    dd if=changed of=w/validate0000.tfrecord bs=1M conv=notrunc status=none
    wait $child
    same 75 $? && grep -q "w/validate0000.tfrecord: changed while it was read; run again" said &&
        [ -z "$(find made -name 'm.safetensors' -o -name '*.progress*')" ]
}
fact "a shard that changes in training leaves nothing behind" changed_in_training
cut_in_training() {
    straight && sleep 0.2 && "$bin/index" --partition validate --data w --features $features --output w.index
    rm -rf made
    learn --epochs 100000 --max-steps 500 2>said &
    child=$!
    learning
    : >w/validate0000.tfrecord
    wait $child
    same 75 $? && grep -q "became shorter while it was read; run again" said && [ ! -e made/m.safetensors ]
}
fact "a shard that is cut short in training is said so" cut_in_training

# ---- an interrupt at any moment ----
# Eight moments of a run of some seconds; whatever is left is finished by the same command.
run() { "$bin/train" --index v.index --data d --model resnet-like --inner 64 --epochs 300 --batch-size 2 --output i/m.safetensors; }
interrupted=yes
for moment in 0.002 0.01 0.03 0.06 0.1 0.2 0.4 0.8; do
    rm -rf i
    run 2>/dev/null &
    child=$!
    sleep $moment
    kill -INT $child 2>/dev/null
    wait $child
    code=$?
    case $code in 0 | 75 | 130 | 2) ;; *) interrupted="code $code at $moment" ;; esac
    [ -e i/m.safetensors ] && [ $code -ne 0 ] && interrupted="an artifact in spite of code $code"
    find i -name '.*' -type f 2>/dev/null | grep -q . && interrupted="a temporary file at $moment"
done
fact "an interrupt at any moment leaves no partial file" same yes "$interrupted"
facts_end
