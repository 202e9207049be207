#!/bin/sh
# micro_batch.sh: a batch that is run in parts makes the same bytes under the same key where videos don't
# depend on one another; where they do, parts are in the key.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
# shellcheck source=tests/pipeline/shards.sh
. tests/pipeline/shards.sh
# shellcheck source=tests/pipeline/copy.sh
. tests/pipeline/copy.sh
bin=${O:-build}/bin
export QUIET=1

# train NAME OPTION...: four steps of 600 videos, the golden records again and again; what it said is in NAME.said
train() {
    name=$1
    shift
    "$bin/train" --index "$scratch/index" --validation-index "$scratch/index" --batch-size 600 --epochs 1000 \
        --max-steps 4 --curve-steps 1 --output "$scratch/$name" --curve "$scratch/$name.csv" "$@" 2>"$scratch/$name.said"
}
# what a provenance says but its artifact's name: the key, the inputs, the digest of the bytes
vouched() { sed '/"artifact":/d; /"seal":/d' "$scratch/$1.provenance"; }
# as NAME OTHER: checkpoint, curve and key are the same
as() { cmp "$scratch/$1" "$scratch/$2" && cmp "$scratch/$1.csv" "$scratch/$2.csv" && same "$(vouched "$1")" "$(vouched "$2")"; }
in_key() { grep -q "\"micro_batch\": \"$2\"" "$scratch/$1.provenance"; }
other() { ! cmp -s "$scratch/$1" "$scratch/$2"; }
said() { grep -qF -- "$2" "$scratch/$1.said"; }

fact "an index is made" "$bin/index" --data "$data" --partition validate --output "$scratch/index"
for model in logistic moe; do
    fact "$model trains on whole batches" train $model --model $model
    for part in 256 512; do
        fact "$model trains in parts of $part" train $model-$part --model $model --micro-batch $part --threads 1
        fact "$model in parts of $part has the bytes and the key of whole batches" as $model $model-$part
    done
done
fact "parts of 16 are taken" train logistic-16 --model logistic --micro-batch 16
fact "they are rounded up, and that is said" said logistic-16 "train: --micro-batch 16 is taken as 256, of a batch of 600"
fact "they have the bytes of whole batches" as logistic logistic-16
fact "more than a batch is taken" train logistic-6000 --model logistic --micro-batch 6000
fact "it has the bytes of whole batches" as logistic logistic-6000

small="--model resnet-like --inner 16"
# shellcheck disable=SC2086 # words
{
    fact "a model with batch statistics trains on whole batches" train resnet $small
    fact "0, and a whole batch, are no parts" train resnet-600 $small --micro-batch 600
    fact "they are not in the key" as resnet resnet-600
    fact "a model with batch statistics trains in parts" train resnet-100 $small --micro-batch 100
}
fact "parts are in its key" in_key resnet-100 100
fact "its bytes are others" other resnet resnet-100
fact "mixup trains in parts" train mixup-100 --model logistic --mixup 0.4 --micro-batch 100
fact "parts are in its key, too" in_key mixup-100 100
"$bin/train" --help >"$scratch/help"
fact "the help says when the result changes" grep -q -- "--micro-batch" "$scratch/help"

# ---- through make, which says what it makes ----
unset QUIET
set_of() { printf '%s' "$recipe/$1.set=--batch-size 600 --epochs 400 $2"; }
# shellcheck disable=SC2086 # words
trained() {
    run $recipe/logistic $recipe/resnet-like "$(set_of logistic "$1")" "$(set_of resnet-like "$2")"
}
of_models() { grep -E "/(logistic|resnet-like)\.safetensors$" "$made"; }
fact "a recipe is made" trained "" ""
fact "it is made again with parts" trained "--micro-batch 256" "--micro-batch 256"
fact "what changes with parts is trained again, and nothing else" same "$recipe/resnet-like.safetensors" "$(of_models)"
facts_end
