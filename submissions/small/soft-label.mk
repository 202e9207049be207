# For the synthetic league, 1,600 videos and 1,200 rated segments, and minutes on two cores: spec league 6.
# Batch norm's averages move faster, because 175 steps are too few for the paper's; B and C go on from A
# and B, because 400 steps don't repeat what A has learned in 360.
pretrained.eigenvalues = nothing
pretrained.flags += --clusters 16 --groups 4 --expansion 1 --hidden 256 --moving-average 0.05 \
	--epochs 7 --batch-size 64 --drop-last --learning-rate 2e-3 --schedule smooth --decay 0.1 --decay-samples 0
A.flags          += --epochs 20 --batch-size 64 --drop-last --learning-rate 1e-3 --schedule smooth --decay 0.2 \
	--decay-samples 0
B.from            = A
B.flags           = $(A.flags) --epochs 7
C.from            = B
C.flags           = $(B.flags)

soft-labels-A.flags += --segments-per-label 4 --per-class 80 --repeat

mix-pretrained.flags += --clusters 16 --gate-reduction 8 --decay-samples 0
mix-A.flags          += --learning-rate 1e-3 --epochs 8 --decay-samples 0
mix-B.from            = mix-A
mix-B.flags           = $(mix-A.flags) --epochs 7
mix-C.from            = mix-B
mix-C.flags           = $(mix-B.flags)

# As many steps as B, which has three times the segments.
equal-B.flags              = $(B.flags)
original-B.flags           = $(B.flags) --max-steps 393
untrained-A.flags         += --learning-rate 2e-3
untrained-equal-B.flags    = $(untrained-A.flags) --epochs 7
untrained-original-B.flags = $(untrained-equal-B.flags) --max-steps 393
control-B.from             = A
control-B.flags            = $(B.flags) --epochs 21
control-C.from             = control-B
control-mix-A.flags        = $(mix-A.flags) --epochs 24
control-mix-B.from         = control-mix-A
control-mix-B.flags        = $(mix-B.flags) --epochs 21
control-mix-C.from         = control-mix-B
control-mix-C.flags        = $(control-mix-B.flags)
