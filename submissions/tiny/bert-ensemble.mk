# For tests: the small scale's models on 160 videos, for seconds. Scores mean nothing at this scale.
include submissions/small/bert-ensemble.mk
list.pretraining += --batch-size 32 --decay-samples 320
list.tuning      += --batch-size 32 --epochs 2 --decay-samples 320 --validation-steps 4
list.bert        += --compression 16 --feed-forward 32 --epochs 2
list.trials      += --trials 12
gated-netvlad-pretrained.flags += --epochs 1 --clusters 8 --hidden 32
mix-300-pretrained.flags       += --epochs 1
mix-60-pretrained.flags        += --epochs 1
