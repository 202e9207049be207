# For the synthetic league, 4,000 videos and 1,200 rated segments, and minutes on two cores: spec league 6.
# Two epochs: a network that has seen the videos more often remembers their labels, and its soft labels of them
# teach less. Features of unit length; batch norm's averages move faster, because 125 steps are too few for the paper's.
pretrained.eigenvalues = nothing
pretrained.flags += --clusters 16 --groups 4 --expansion 1 --hidden 256 --moving-average 0.05 --epochs 2 \
	--batch-size 64 --drop-last --learning-rate 2e-3 --schedule smooth --decay 0.1 --decay-samples 0

# 1,200 segments are few: after the paper's 7 epochs A is far from done, and what it teaches B and C is worse.
# B and C, 7 epochs as in the paper, go on from A and B: their steps would not repeat A's. At half of A's rate
# the first round of soft labels leaves a little more (.001) to the second.
A.flags += --epochs 40 --batch-size 64 --drop-last --learning-rate 1e-3 --schedule smooth --decay 0.2 \
	--decay-samples 0
B.from   = A
B.flags  = $(A.flags) --epochs 7 --learning-rate 5e-4
C.from   = B
C.flags  = $(B.flags)

# Eight soft segments for each rated one (4.2 in the paper); for mixtures, whose steps take three times as long,
# four. A few of the dataset's shards don't have every class.
soft-labels-A.flags += --segments-per-label 8 --per-class 320 --repeat --allow-empty

list.mixture-sets        = --segments-per-label 4 --per-class 160
mix-pretrained.flags    += --clusters 16 --gate-reduction 8 --decay-samples 0
soft-labels-C.flags     += $(list.mixture-sets)
soft-labels-mix-A.flags += $(list.mixture-sets)
soft-labels-mix-B.flags += $(list.mixture-sets)
mix-A.flags             += --learning-rate 1e-3 --decay-samples 0 --epochs 8
mix-B.from               = mix-A
mix-B.flags              = $(mix-A.flags) --epochs 7
mix-C.from               = mix-B
mix-C.flags              = $(mix-B.flags)

# As many steps as what they are compared with: B takes 1,181, nine times the segments of an epoch of A.
equal-B.flags              = $(B.flags)
original-B.flags           = $(B.flags) --max-steps 1181
untrained-A.flags         += --learning-rate 2e-3
untrained-equal-B.flags    = $(untrained-A.flags) --epochs 7
untrained-original-B.flags = $(untrained-equal-B.flags) --max-steps 1181
control-B.from             = A
control-B.flags            = $(B.flags) --epochs 63
control-C.from             = control-B
control-mix-A.flags        = $(mix-A.flags) --epochs 40
control-mix-B.from         = control-mix-A
control-mix-B.flags        = $(mix-B.flags) --epochs 35
control-mix-C.from         = control-mix-B
control-mix-C.flags        = $(control-mix-B.flags)
