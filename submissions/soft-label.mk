# soft-label: 10th place of 2019, papers/soft-label-2019-10th; it reported MAP@100,000 0.78687.
# Shapes and rates: spec models 5.1, 9 and 17.1; what the paper leaves open: 18, P1-1 to P1-10.
summary = NeXtVLAD, pre-trained, fine-tuned on rated segments and on soft labels of its own; three of its mixtures
makes   = submission report

# Stage I (section 3.1): five epochs on the machine-labelled videos, their frames thinned out.
artifacts += pretrained
pretrained.stage       = train
pretrained.model       = nextvlad
pretrained.videos      = training-frames
pretrained.eigenvalues = eigenvalues
pretrained.flags       = --features rgb:1024,audio:128 --classes $(CLASSES) \
	--clusters 128 --groups 8 --expansion 2 --hidden 2048 --gate-reduction 8 --dropout 0.5 --l2 1e-5 \
	--downsample 5:10 --epochs 5 --batch-size 160 --learning-rate 2e-4 --decay 0.8 --decay-samples 2000000

# Stage II (section 3.2): seven epochs on the rated segments, unrated classes without loss, with mixup.
artifacts += A
A.stage  = train
A.from   = pretrained
A.videos = rated-segments
A.flags  = --labels segment --mixup 0.4 --epochs 7 --batch-size 160 --learning-rate 2e-5 --decay 0.8 \
	--decay-samples 2000000

# Soft labels: what A says of two segments for each label of each video; 1,000 of them for each class.
# Every round draws segments of its own.
artifacts += soft-labels-A
soft-labels-A.stage      = softlabel
soft-labels-A.checkpoint = A
soft-labels-A.videos     = training-frames
soft-labels-A.classes    = segment-classes
soft-labels-A.flags      = --set equal --segments-per-label 2 --per-class 1000

artifacts += B
B.like   = A
B.videos = rated-segments soft-labels-A

artifacts += soft-labels-B
soft-labels-B.like       = soft-labels-A
soft-labels-B.checkpoint = B
soft-labels-B.flags      = $(soft-labels-A.flags) --draw 1

artifacts += C
C.like   = A
C.videos = rated-segments soft-labels-B

# Stage III (section 3.3): the same with mixtures of three smaller models; the first fine-tuning has the
# soft labels of the best single model.
artifacts += mix-pretrained
mix-pretrained.like  = pretrained
mix-pretrained.flags = $(pretrained.flags) --mixture 3 --temperature 3 --clusters 112 --gate-reduction 16 --decay-samples 2500000

artifacts += soft-labels-C
soft-labels-C.like       = soft-labels-A
soft-labels-C.checkpoint = C
soft-labels-C.flags      = $(soft-labels-A.flags) --draw 2

artifacts += mix-A
mix-A.like   = A
mix-A.from   = mix-pretrained
mix-A.videos = rated-segments soft-labels-C
mix-A.flags  = $(A.flags) --learning-rate 4e-5 --decay-samples 2500000

artifacts += soft-labels-mix-A
soft-labels-mix-A.like       = soft-labels-A
soft-labels-mix-A.checkpoint = mix-A
soft-labels-mix-A.flags      = $(soft-labels-A.flags) --draw 3

artifacts += mix-B
mix-B.like   = mix-A
mix-B.videos = rated-segments soft-labels-mix-A

artifacts += soft-labels-mix-B
soft-labels-mix-B.like       = soft-labels-A
soft-labels-mix-B.checkpoint = mix-B
soft-labels-mix-B.flags      = $(soft-labels-A.flags) --draw 4

artifacts += mix-C
mix-C.like   = mix-A
mix-C.videos = rated-segments soft-labels-mix-B

# What each says of every segment that the contest asks about; the mean of the three mixtures is the
# submission.
list.models = pretrained A B C mix-pretrained mix-A mix-B mix-C

artifacts += %-scores
%-scores.for        = $(list.models) $(list.ablations)
%-scores.stage      = predict
%-scores.checkpoint = %
%-scores.videos     = contest-segments
%-scores.classes    = segment-classes
%-scores.flags      = --samples segments

artifacts += ensemble-scores
ensemble-scores.stage = fuse
ensemble-scores.of    = mix-A-scores mix-B-scores mix-C-scores

artifacts += submission
submission.stage       = submit
submission.predictions = ensemble-scores
submission.contest     = 2019

# MAP@100,000, where the truth is known.
artifacts += %-metrics
%-metrics.for         = $(list.models) ensemble $(list.ablations)
%-metrics.stage       = evaluate
%-metrics.metric      = map
%-metrics.predictions = %-scores
%-metrics.truth       = truth

artifacts += metrics
metrics.stage = gather
metrics.of    = $(list.models:%=%-metrics) ensemble-metrics

# Where the truth is hidden, the report has no scores: the contest's site judges.
choices += scores
scores.if   = table/truth.csv
scores.then = metrics
scores.else = nothing

choices += compared
compared.if   = table/truth.csv
compared.then = pretrained-metrics ensemble-metrics
compared.else = nothing

artifacts += report
report.stage     = report
report.page      = reports/soft-label.page
report.published = reports/published.csv
report.metrics   = scores
report.seeds     = scores
report.models    = $(list.models)
report.classes   = compared
report.ranks     = compared
report.shows     = submission

# What the paper compares with (section 3.1, table 2): all frames, soft labels as they come, no
# pre-training.
list.ablations = pretrained-all-frames equal-B original-B untrained-A untrained-equal-B untrained-original-B \
	$(list.controls)

artifacts += pretrained-all-frames
pretrained-all-frames.like  = pretrained
pretrained-all-frames.flags = $(pretrained.flags) --downsample 1:1

artifacts += equal-B
equal-B.like   = A
equal-B.videos = rated-segments soft-labels-A

artifacts += original-soft-labels-A
original-soft-labels-A.like  = soft-labels-A
original-soft-labels-A.flags = $(soft-labels-A.flags) --set original

artifacts += original-B
original-B.like   = A
original-B.videos = rated-segments original-soft-labels-A

artifacts += untrained-A
untrained-A.like   = pretrained
untrained-A.videos = rated-segments
untrained-A.flags  = $(pretrained.flags) --downsample 1:1 $(A.flags)

artifacts += untrained-equal-B
untrained-equal-B.like   = untrained-A
untrained-equal-B.videos = rated-segments soft-labels-A

artifacts += untrained-original-B
untrained-original-B.like   = untrained-A
untrained-original-B.videos = rated-segments original-soft-labels-A

# Controls: as many steps as a model with soft labels takes, on rated segments alone (7 epochs of 237,788
# and 1,000,000 segments are 54,153 steps).
list.controls = control-B control-C control-mix-A control-mix-B control-mix-C

artifacts += control-B
control-B.like  = A
control-B.flags = $(A.flags) --epochs 37 --max-steps 54153

artifacts += control-C
control-C.like = control-B

artifacts += control-mix-A
control-mix-A.like   = mix-A
control-mix-A.videos = rated-segments
control-mix-A.flags  = $(mix-A.flags) --epochs 37 --max-steps 54153

artifacts += control-mix-B
control-mix-B.like = control-mix-A

artifacts += control-mix-C
control-mix-C.like = control-mix-A

artifacts += ablations-metrics
ablations-metrics.stage = gather
ablations-metrics.of    = $(list.ablations:%=%-metrics)

choices += ablations-scores
ablations-scores.if   = table/truth.csv
ablations-scores.then = ablations-metrics
ablations-scores.else = nothing

artifacts += report-ablations
report-ablations.stage     = report
report-ablations.page      = reports/soft-label-ablations.page
report-ablations.published = reports/published.csv
report-ablations.metrics   = scores ablations-scores
report-ablations.seeds     = scores ablations-scores
report-ablations.models    = $(list.models) $(list.ablations)
