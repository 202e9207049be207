# For the synthetic league, 4,000 videos and 1,200 rated segments, and minutes on two cores. Its validation
# partition has four files, so the hold-out is the same share of its videos.
held-out.by = video

# Rates go on from pre-training to fine-tuning as in the paper, ten times as high and over fewer samples.
list.pretraining += --batch-size 64 --max-steps 0 --epochs 16 --learning-rate 1e-3 --schedule smooth --decay 0.2 --decay-samples 64000
list.tuning      += --batch-size 64 --max-steps 0 --epochs 30 --learning-rate 1e-3 --schedule smooth --decay 0.2 --decay-samples 64000 \
	--validation-steps 20

# Encoders of an eighth of the features' width: 144, which 12 and 8 heads divide.
list.bert += --compression 8 --feed-forward 288

# Features are seen so seldom that batch norm's averages must move faster than the paper's.
gated-netvlad-pretrained.flags += --epochs 10 --hidden 256 --moving-average 0.05

# Fewer frames; of a rated segment's five each once, as many draws from them would be all of them on average.
list.mix += --clusters 16 --groups 4 --expansion 1 --hidden 256 --gate-reduction 8 --moving-average 0.05 \
	--learning-rate 2e-3 --drop-last
list.more = --sample-frames random:30
list.less = --sample-frames random:15
mix-300-pretrained.flags += --epochs 4
mix-60-pretrained.flags  += --epochs 4
mix-300.flags            += --sample-frames all --epochs 12
mix-60.flags             += --sample-frames all --epochs 12
