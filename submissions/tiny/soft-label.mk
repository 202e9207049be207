# For tests: the small scale's models on 160 videos, for seconds. Scores mean nothing at this scale.
include submissions/small/soft-label.mk
list.tiny     = --batch-size 32 --epochs
list.tiny-set = --segments-per-label 4 --per-class 20
pretrained.flags     += $(list.tiny) 3
A.flags              += $(list.tiny) 3
B.flags              += $(list.tiny) 2
mix-A.flags          += $(list.tiny) 2
mix-B.flags          += $(list.tiny) 2
soft-labels-A.flags     += $(list.tiny-set)
soft-labels-C.flags     += $(list.tiny-set)
soft-labels-mix-A.flags += $(list.tiny-set)
soft-labels-mix-B.flags += $(list.tiny-set)
original-B.flags     += --max-steps 28
untrained-equal-B.flags    += $(list.tiny) 2
untrained-original-B.flags += $(list.tiny) 2 --max-steps 28
control-B.flags      += $(list.tiny) 4
control-mix-A.flags  += $(list.tiny) 4
control-mix-B.flags  += $(list.tiny) 4
