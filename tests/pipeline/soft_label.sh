#!/bin/sh
# soft_label.sh: the soft-label pipeline's stages on a small synthetic league: the same bytes for any number
# of threads, and what each kind of bad input gets.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
bin=${O:-build}/bin
export QUIET=1
cd "$scratch" || exit 1

league() {
    "$bin/synthesize" --scale tiny --train-videos 80 --validate-videos 16 --test-videos 8 --output "$@"
}
index() { # NAME FOLDER PARTITION LEVEL
    "$bin/index" --data "$2" --partition "$3" --level "$4" --features rgb:1024,audio:128 --output "$1.index"
}
small="--model nextvlad --features rgb:1024,audio:128 --classes 24 --clusters 4 --groups 2 --expansion 1 --hidden 16
    --gate-reduction 4 --batch-size 8"
fine="--labels segment --mixup 0.4 --batch-size 8 --epochs 2"

# run THREADS: the whole pipeline into a folder of that name.
run() {
    mkdir "$1" || return 1
    # shellcheck disable=SC2086 # words
    "$bin/train" $small --index frames.index --downsample 5:10 --epochs 2 --seed 3 --threads "$1" \
        --output "$1/pretrained" --curve "$1/pretrained.csv" &&
        "$bin/train" --from "$1/pretrained" $fine --index rated.index --threads "$1" --output "$1/A" &&
        "$bin/softlabel" --checkpoint "$1/A" --index frames.index --classes league/segment_label_ids.csv \
            --per-class 12 --repeat --shards 3 --threads "$1" --output "$1/soft.manifest" &&
        index "$1/soft" "$1/soft" train any &&
        "$bin/train" --from "$1/A" $fine --index rated.index --index "$1/soft.index" --threads "$1" --output "$1/B" &&
        "$bin/train" $small --mixture 3 --index frames.index --downsample 5:10 --epochs 1 --threads "$1" \
            --output "$1/mixture" &&
        for model in pretrained B mixture; do
            "$bin/predict" --checkpoint "$1/$model" --index asked.index --samples segments --threads "$1" \
                --classes league/segment_label_ids.csv --output "$1/$model-scores" || return
        done &&
        "$bin/fuse" "$1/B-scores" "$1/mixture-scores" --output "$1/scores" &&
        "$bin/submit" --predictions "$1/scores" --contest 2019 --output "$1/submission.csv"
}

same_files() {
    for file in pretrained pretrained.csv A soft.manifest B mixture B-scores submission.csv; do
        cmp "1/$file" "2/$file" || return 1
    done
}

fact "a league is written" league league.manifest
fact "its partitions are indexed" eval 'index frames league train frame && index rated league validate segment &&
    index asked league test segment'
fact "the pipeline runs on one thread" run 1
fact "the pipeline runs on two" run 2
fact "both make the same bytes" same_files
fact "a submission has a line for each rated class" \
    same "$(wc -l <league/segment_label_ids.csv)" "$(wc -l <1/submission.csv)"
fact "a submission and its predictions score the same" eval '
    same "$("$bin/evaluate" --metric map --submission 1/submission.csv --truth league/truth.csv)" \
        "$("$bin/evaluate" --metric map --predictions 1/scores --truth league/truth.csv)"'

# The shards are read as any rated segments are; their scores are probabilities.
soft_labels_are_whole() {
    for shard in 1/soft/*.tfrecord; do
        "$bin/inspect" "$shard" || return
    done >records
    [ "$(grep -c '"segment_origins"' records)" -gt 10 ] && ! grep -q '"score":-\|"score":[1-9]' records
}
# What a model says of a segment is the same whether softlabel asks or predict.
scores_agree() {
    "$bin/predict" --checkpoint 1/A --index 1/soft.index --samples segments --output 1/again &&
        "$bin/softlabel" --checkpoint 1/A --index 1/soft.index --set original --segments-per-label 60 \
            --output 1/original.manifest && index 1/original 1/original train any &&
        "$bin/predict" --checkpoint 1/A --index 1/original.index --samples segments --output 1/third &&
        cmp 1/again 1/third
}
fact "all segments of a set are a set again, and score the same" scores_agree

# ---- a stop in the middle ----
stopped_and_resumed() {
    "$bin/softlabel" --checkpoint 1/A --index frames.index --classes league/segment_label_ids.csv --per-class 12 \
        --repeat --shards 3 --output 1/soft2.manifest &
    process=$!
    sleep 0.02
    kill -KILL $process 2>/dev/null
    wait $process 2>/dev/null
    [ -z "$(find 1/soft2 -name '*.tmp*' 2>/dev/null)" ] &&
        "$bin/softlabel" --checkpoint 1/A --index frames.index --classes league/segment_label_ids.csv --per-class 12 \
            --repeat --shards 3 --output 1/soft2.manifest && cmp 1/soft.manifest 1/soft2.manifest
}
fact "a set that was killed in its making is made whole" stopped_and_resumed

# ---- bad input ----
tune() { "$bin/train" --from 1/pretrained --labels segment --batch-size 8 --output made/x "$@"; }
label() { "$bin/softlabel" --checkpoint 1/A --index frames.index --output made/x.manifest "$@"; }

fact "ratings of a class that the checkpoint lacks are refused by video and class" eval '
    "$bin/train" --model nextvlad --features rgb:1024,audio:128 --classes 3 --clusters 4 --groups 2 --expansion 1 \
        --hidden 16 --gate-reduction 4 --batch-size 8 --labels segment --index rated.index --output three 2>said
    [ $? -eq 65 ] && grep -q "and the model has 3 classes; train one with --classes" said && [ ! -e three ]'
fact "fine-tuning on an index without ratings is refused" refused 65 "no rated segments to train on" tune --index frames.index
fact "down-sampling that makes no sense is refused" refused 64 "must be A:B with 1 <= A <= B" tune --index rated.index --downsample 9:5
fact "a part of another index is refused" eval '"$bin/split" --index frames.index --parts 1,1 --output part &&
    refused 65 "part" tune --index rated.index --split part'
printf 'Index\n0\n23\n40\n' >classes.csv
fact "a class without a segment is refused by number" refused 65 "no segment to draw for" label --classes classes.csv
fact "it may be left out" eval '"$bin/softlabel" --checkpoint 1/A --index frames.index --classes classes.csv --per-class 2 \
    --allow-empty --output made/y.manifest'
fact "an equal set without classes is refused" refused 64 "--set equal needs --classes" label
fact "no segments for a class are refused" refused 64 "--per-class 0" label --classes classes.csv --per-class 0
: >empty.csv
fact "a list without a class is refused" refused 65 "empty.csv: has no classes" label --classes empty.csv
fact "what is no checkpoint is refused" refused 65 "not a checkpoint but index" \
    "$bin/softlabel" --checkpoint frames.index --index frames.index --set original --output made/x.manifest
fact "no segments for a label are refused" refused 64 "--segments-per-label" label --set original --segments-per-label 0
fact "a set from videos without labels is refused" refused 65 "no video has a label" \
    "$bin/softlabel" --checkpoint 1/A --index asked.index --set original --output made/x.manifest
fact "repetitions beyond what a record holds are left out, and counted" eval 'label --classes league/segment_label_ids.csv \
    --per-class 3000 --repeat 2>said; grep -q "repetitions beyond 60 segments of a video are left out" said'
fact "a class list beyond the model's classes is refused" refused 65 "class 40, and the model has 24 classes" \
    "$bin/predict" --checkpoint 1/A --index asked.index --samples segments --classes classes.csv --output made/x
fact "eigenvalues without dewhitening are refused" refused 64 "--eigenvalues is for --normalization dewhiten" \
    tune --index rated.index --eigenvalues league/eigenvals.npy
fact "eigenvalues that are no numpy file are refused" refused 65 "league/truth.csv" \
    "$bin/train" --model nextvlad --features rgb:1024,audio:128 --index frames.index --normalization dewhiten \
    --eigenvalues league/truth.csv --output made/x
# A rate that makes the parameters overflow: the state of the last checkpoint stays.
fact "a loss that is not finite stops with its step and parameter" eval '
    "$bin/train" --from 1/pretrained --labels segment --batch-size 8 --index rated.index --learning-rate 1e25 \
        --epochs 4 --checkpoint-seconds 0 --output infinite 2>said
    [ $? -eq 65 ] && grep -q "step [0-9]*: the loss is .* is not finite; lower --learning-rate" said &&
    [ ! -e infinite ] && [ -n "$(find . -name "*.progress")" ]'
facts_end
