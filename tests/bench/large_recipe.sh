#!/bin/sh
# large_recipe.sh ARTIFACTS: print a recipe of so many artifacts: three small models, folds of the videos
# that judge, and of each fold what recipes make of it (predictions, means, submissions, metrics). Its
# stages are cheap and its parents as in any recipe, so what it costs is the machinery.
set -eu
artifacts=$1
fixed=4       # the paragraphs before the folds
fold_size=18  # artifacts of one

if [ "$artifacts" -lt $((fixed + fold_size)) ]; then
    echo "large_recipe.sh: at least $((fixed + fold_size)) artifacts" >&2
    exit 64
fi

cat <<'RECIPE'
summary = a recipe as large as is asked for, to measure and test what does not depend on models

artifacts += logistic
logistic.stage  = train
logistic.model  = logistic
logistic.videos = train-videos
logistic.flags  = --classes $(CLASSES) --epochs 1 --batch-size 64 --learning-rate 0.01

artifacts += moe
moe.like  = logistic
moe.model = moe

artifacts += wide
wide.like  = moe
wide.flags = --classes $(CLASSES) --epochs 1 --batch-size 64 --learning-rate 0.01 --experts 4

artifacts += everything
everything.stage = gather
RECIPE

# The paragraphs of fold $1: each after what it is made from.
fold() {
    cat <<RECIPE

artifacts += fold-$1
fold-$1.stage = split
fold-$1.of    = validate-videos
fold-$1.flags = --parts 0.5,0.5 --seed $1

artifacts += fold-$1-%
fold-$1-%.for        = logistic moe wide
fold-$1-%.stage      = predict
fold-$1-%.checkpoint = %
fold-$1-%.videos     = fold-$1

artifacts += fold-$1-mean
fold-$1-mean.stage = fuse
fold-$1-mean.of    = fold-$1-logistic fold-$1-moe fold-$1-wide

artifacts += fold-$1-weighted
fold-$1-weighted.like    = fold-$1-mean
fold-$1-weighted.weights = 1,2,3

artifacts += fold-$1-pair
fold-$1-pair.stage = fuse
fold-$1-pair.of    = fold-$1-logistic fold-$1-moe

artifacts += fold-$1-%-metrics
fold-$1-%-metrics.for         = logistic moe wide mean weighted pair
fold-$1-%-metrics.stage       = evaluate
fold-$1-%-metrics.metric      = gap
fold-$1-%-metrics.predictions = fold-$1-%
fold-$1-%-metrics.videos      = fold-$1

artifacts += fold-$1-%-answers
fold-$1-%-answers.for         = logistic mean weighted pair
fold-$1-%-answers.stage       = submit
fold-$1-%-answers.predictions = fold-$1-%
fold-$1-%-answers.contest     = 2018

artifacts += fold-$1-metrics
fold-$1-metrics.stage = gather
fold-$1-metrics.of    = fold-$1-logistic-metrics fold-$1-moe-metrics fold-$1-wide-metrics \\
	fold-$1-mean-metrics fold-$1-weighted-metrics fold-$1-pair-metrics

everything.of += fold-$1-metrics
RECIPE
}

# One more mean of the first fold: what is left to the number asked for.
further() {
    cat <<RECIPE

artifacts += further-$1
further-$1.like    = fold-1-mean
further-$1.weights = $((1 + $1)),1,1
RECIPE
}

folds=$(((artifacts - fixed) / fold_size))
for number in $(seq $folds); do
    fold "$number"
done
for number in $(seq $((artifacts - fixed - folds * fold_size))); do
    further "$number"
done
