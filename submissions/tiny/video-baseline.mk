# For tests: seconds. Scores mean nothing at this scale.
logistic.flags    += --epochs 1 --batch-size 64
moe.flags         += --epochs 1 --batch-size 64
resnet-like.flags += --epochs 1 --batch-size 64 --inner 32
