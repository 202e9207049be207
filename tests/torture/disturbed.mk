# disturbed: a small pipeline in which every kind of stage is; what `make torture` disturbs. Scores mean
# nothing.
summary = a pipeline of seconds, to be disturbed
makes   = submission report

artifacts += part
part.stage = split
part.of    = training-frames
part.by    = video
part.parts = 3,1
part.part  = 0

# The state is kept after every step, so that there are many moments to be stopped at.
artifacts += pretrained
pretrained.stage       = train
pretrained.model       = nextvlad
pretrained.videos      = part
pretrained.eigenvalues = eigenvalue-table
pretrained.flags       = --features rgb:1024,audio:128 --classes $(CLASSES) --clusters 4 --groups 2 --expansion 1 \
	--hidden 16 --gate-reduction 4 --downsample 5:10 --batch-size 8 --epochs 1 --checkpoint-seconds 0

artifacts += tuned
tuned.stage  = train
tuned.from   = pretrained
tuned.videos = rated-segments
tuned.flags  = --labels segment --mixup 0.4 --batch-size 16 --epochs 1 --checkpoint-seconds 0

artifacts += soft-labels
soft-labels.stage      = softlabel
soft-labels.checkpoint = tuned
soft-labels.videos     = training-frames
soft-labels.classes    = segment-classes
soft-labels.flags      = --set equal --per-class 12 --repeat --allow-empty --shards 3

artifacts += final
final.like   = tuned
final.from   = tuned
final.videos = rated-segments soft-labels

artifacts += %-scores
%-scores.for        = tuned final
%-scores.stage      = predict
%-scores.checkpoint = %
%-scores.videos     = contest-segments
%-scores.classes    = segment-classes
%-scores.flags      = --samples segments

artifacts += mean-scores
mean-scores.stage = fuse
mean-scores.of    = tuned-scores final-scores

artifacts += submission
submission.stage       = submit
submission.predictions = mean-scores
submission.contest     = 2019

artifacts += %-metrics
%-metrics.for         = tuned mean
%-metrics.stage       = evaluate
%-metrics.metric      = map
%-metrics.predictions = %-scores
%-metrics.truth       = truth

artifacts += metrics
metrics.stage = gather
metrics.of    = tuned-metrics mean-metrics

artifacts += report
report.stage   = report
report.metrics = metrics
report.models  = pretrained tuned final
report.classes = mean-metrics
report.shows   = submission
