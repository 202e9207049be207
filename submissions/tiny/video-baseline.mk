# For tests: seconds. Scores mean nothing at this scale.
logistic.flags    += --epochs 1 --batch-size 64
moe.flags         += --epochs 1 --batch-size 64
resnet-like.flags += --epochs 1 --batch-size 64 --inner 32 --tower-blocks 1 --joint-blocks 1 --validation-steps 0
