# For thousands of videos in place of millions, and minutes on two cores: smaller batches and more
# passes, so that there are steps enough to learn from.
logistic.flags    += --epochs 20 --batch-size 256
moe.flags         += --epochs 10 --batch-size 256
resnet-like.flags += --epochs 10 --batch-size 256 --learning-rate 0.001 --inner 1024
