# For thousands of videos in place of millions, and minutes on two cores: smaller batches, so that there
# are steps enough to learn from; with features of unit length a rate of 0.01 would leave the biases
# half way after these few. The ResNet-like model is one block deep and a quarter as wide.
logistic.flags    += --epochs 5 --batch-size 256 --learning-rate 0.1
moe.flags         += --epochs 6 --batch-size 256 --learning-rate 0.05
resnet-like.flags += --inner 512 --tower-blocks 1 --joint-blocks 1 --dropout 0.5 --normalization l2 --reduction sum \
	--epochs 14 --max-steps 0 --batch-size 256 --learning-rate 0.003 --schedule staircase --decay 0.5 \
	--decay-samples 38595 --validation-steps 0
