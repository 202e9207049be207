# bert-ensemble: 9th place of 2019, papers/bert-ensemble-2019-9th.txt; it reported MAP@100,000 0.7871.
# Shapes and rates: spec models 5.2, 9, 10 and 17.4; what the paper leaves open: 18, P4-1 to P4-11.
summary = six kinds of BERT, Gated NetVLAD and mixtures of NeXtVLAD, shifted in time; fused by ranks
makes   = submission report

# 300 of the 3,844 files with rated segments choose checkpoints and weights (section 7). Their videos are left out
# of the 2018 contest's validation partition too.
artifacts += held-out
held-out.stage = split
held-out.of    = rated-segments
held-out.by    = shard
held-out.parts = 3544,300
held-out.part  = 1
held-out.flags = --seed 7

artifacts += rated
rated.like = held-out
rated.part = 0

artifacts += labelled
labelled.stage   = split
labelled.of      = validation-frames
labelled.by      = video
labelled.without = held-out

choices += labelled-videos
labelled-videos.if   = frame/validate
labelled-videos.then = labelled
labelled-videos.else = nothing

# Pre-training (section 7): 200,000 steps on the labels that machines gave.
list.pretraining = --features rgb:1024,audio:128 --classes $(CLASSES) --batch-size 128 --epochs 7 --max-steps 200000 \
	--learning-rate 1e-4 --decay 0.9 --decay-samples 2000000 --save-optimizer

# Fine-tuning (section 7): 20,000 steps more, on rated segments; the optimiser and its rate go on, and what a
# segment isn't rated for is taken as negative, as in the released code. The best checkpoint by the hold-out stays.
list.tuning = --continue --labels segment --unrated negative --batch-size 128 --epochs 12 --max-steps 20000 \
	--learning-rate 1e-4 --decay 0.9 --decay-samples 2000000 \
	--validation-metric map --validation-steps 1000 --keep best

# Frames that a sample has.
list.five = --sample-frames sequence:5
list.any5 = --sample-frames random:5
list.more = --sample-frames random:300
list.less = --sample-frames random:60

# The nine models (section 8.3, table 3), and the shifts that each is asked under (section 5).
list.models = gated-netvlad bert-2 cross-mean bert-3 cross-attention bert-first mix-300 mix-60 bert-mean

artifacts += %-pretrained
%-pretrained.for    = $(list.models)
%-pretrained.stage  = train
%-pretrained.model  = bert
%-pretrained.videos = training-frames labelled-videos

artifacts += %
%.for        = $(list.models)
%.stage      = train
%.from       = %-pretrained
%.videos     = rated
%.validation = held-out
%.flags      = $(list.tuning) $(list.five)

artifacts += %-scores
%-scores.for        = $(list.models)
%-scores.stage      = predict
%-scores.checkpoint = %
%-scores.videos     = contest-segments
%-scores.classes    = segment-classes
%-scores.flags      = --samples segments --shift -1:1

# BERT(L2h12) and BERT(L3h12): what the last layer gives of all five frames, side by side.
list.bert               = $(list.pretraining) $(list.five) --layers 2 --heads 12 --feed-forward 3072 --dropout 0.1 --experts 5 --l2 1e-6
bert-2-pretrained.flags = $(list.bert) --aggregation none --frames 5
bert-3-pretrained.flags = $(list.bert) --aggregation none --frames 5 --layers 3

# BERTFirst(L2h12), BERTMean(L2h12): the first frame, or the mean.
bert-first-pretrained.flags = $(list.bert) --aggregation first
bert-first-scores.flags     = --samples segments --shift -2:1
bert-mean-pretrained.flags  = $(list.bert) --aggregation mean
bert-mean-scores.flags      = --samples segments --shift -2:1

# BERTCrossMean(L2h8), BERTCrossAttn(L2h8): rgb and audio apart, then together (equation 4).
cross-mean-pretrained.flags      = $(list.bert) --cross-modal --heads 8 --aggregation mean
cross-attention-pretrained.flags = $(list.bert) --cross-modal --heads 8 --aggregation attention

# GatedNetVLAD(H1024C16).
gated-netvlad-pretrained.model = netvlad
gated-netvlad-pretrained.flags = $(list.pretraining) $(list.any5) --clusters 16 --hidden 1024 --experts 5 --l2 1e-6
gated-netvlad.flags            = $(list.tuning) $(list.any5)

# MixNeXtVLAD(Iter 300) and (Iter 60): frames drawn with replacement.
list.mix                 = --mixture 3 --temperature 3 --clusters 112 --groups 8 --hidden 2048 --expansion 2 \
	--gate-reduction 16 --dropout 0.5 --l2 1e-5
mix-300-pretrained.model = nextvlad
mix-300-pretrained.flags = $(list.pretraining) $(list.more) $(list.mix)
mix-300.flags            = $(list.tuning) $(list.more)
mix-60-pretrained.model  = nextvlad
mix-60-pretrained.flags  = $(list.pretraining) $(list.less) $(list.mix)
mix-60.flags             = $(list.tuning) $(list.less)
mix-60-scores.flags      = --samples segments --shift 0:2

# What each says of the hold-out, in the same way.
artifacts += %-held-scores
%-held-scores.for    = $(list.models)
%-held-scores.like   = %-scores
%-held-scores.videos = held-out

# Without shifts, before and after fine-tuning (tables 1 and 2).
list.compared = mix-300 bert-2

artifacts += %-unshifted-scores
%-unshifted-scores.for   = $(list.compared)
%-unshifted-scores.like  = %-scores
%-unshifted-scores.flags = --samples segments

artifacts += %-pretrained-scores
%-pretrained-scores.for        = $(list.compared)
%-pretrained-scores.like       = %-unshifted-scores
%-pretrained-scores.checkpoint = %-pretrained

# What the paper would have gained by leaving classes out that a segment isn't rated for (P4-3).
artifacts += bert-2-masked
bert-2-masked.like  = bert-2
bert-2-masked.flags = $(bert-2.flags) --unrated masked

artifacts += bert-2-masked-scores
bert-2-masked-scores.like       = bert-2-scores
bert-2-masked-scores.checkpoint = bert-2-masked
bert-2-masked-scores.flags      = --samples segments

# Lists of segments for each class, as the contest takes them.
list.variants = $(list.compared:%=%-pretrained) $(list.compared:%=%-unshifted) bert-2-masked

artifacts += %-list
%-list.for         = $(list.models) $(list.models:%=%-held) $(list.variants)
%-list.stage       = submit
%-list.predictions = %-scores
%-list.contest     = 2019

list.trials = --trials 200

# Bayesian optimisation of the weights on the hold-out (section 6); the fused ranks are the submission.
artifacts += weights
weights.stage  = tune
weights.fusion = ranks
weights.of     = $(list.models:%=%-held-list)
weights.names  = $(list.models)
weights.videos = held-out
weights.flags  = --w0 1 $(list.trials)

artifacts += submission
submission.stage  = rankfuse
submission.of     = $(list.models:%=%-list)
submission.tuned  = weights
submission.names  = $(list.models)
submission.videos = contest-segments

# By equal weights; and with w0 tuned as well, as in the released code.
artifacts += equal
equal.stage  = rankfuse
equal.of     = $(list.models:%=%-list)
equal.videos = contest-segments

artifacts += weights-and-w0
weights-and-w0.like  = weights
weights-and-w0.flags = --w0 0.1:10 $(list.trials)

artifacts += with-w0
with-w0.like  = submission
with-w0.tuned = weights-and-w0

# MAP@100,000, where the truth is known.
artifacts += %-metrics
%-metrics.for        = $(list.models) $(list.variants)
%-metrics.stage      = evaluate
%-metrics.metric     = map
%-metrics.submission = %-list
%-metrics.truth      = truth

artifacts += ensemble-metrics
ensemble-metrics.like       = mix-300-metrics
ensemble-metrics.submission = submission

artifacts += equal-metrics
equal-metrics.like       = mix-300-metrics
equal-metrics.submission = equal

artifacts += with-w0-metrics
with-w0-metrics.like       = mix-300-metrics
with-w0-metrics.submission = with-w0

artifacts += metrics
metrics.stage = gather
metrics.of    = $(list.variants:%=%-metrics) $(list.models:%=%-metrics) ensemble-metrics equal-metrics with-w0-metrics

# Where the truth is hidden, the report has no scores: the contest's site judges.
choices += scores
scores.if   = table/truth.csv
scores.then = metrics
scores.else = nothing

choices += compared
compared.if   = table/truth.csv
compared.then = bert-mean-metrics ensemble-metrics
compared.else = nothing

artifacts += report
report.stage     = report
report.page      = reports/bert-ensemble.page
report.published = reports/published.csv
report.metrics   = scores
report.seeds     = scores
report.models    = $(list.compared:%=%-pretrained) bert-2-masked $(list.models)
report.weights   = weights
report.tuned     = weights weights-and-w0
report.classes   = compared
report.ranks     = compared
report.shows     = submission
