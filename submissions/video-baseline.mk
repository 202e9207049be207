# video-baseline: the challenge's starter: video-level models on mean features, and their mean.
# Models: spec models 3.1, 3.2 and 11.1; training: google/youtube-8m train.py's defaults. Published
# for such models on the whole of the data: GAP@20 0.83 to 0.87.
summary = logistic, mixture-of-experts and ResNet-like models on mean features, and their mean

# One dense layer and a sigmoid for each class, on features of unit length.
artifacts += logistic
logistic.stage      = train
logistic.model      = logistic
logistic.videos     = training-videos
logistic.validation = validation-videos
logistic.flags      = --epochs 5 --batch-size 1024 --learning-rate 0.01

# Two experts and one that always says no, for each class.
artifacts += moe
moe.stage      = train
moe.model      = moe
moe.videos     = training-videos
moe.validation = validation-videos
moe.flags      = --epochs 5 --batch-size 1024 --learning-rate 0.01 --experts 2

# Residual towers for rgb and audio, joined: papers/distilled, spec models 11.1, the released config1
# (30 times 1,000 steps; GAP@20 0.85846 without mixup).
artifacts += resnet-like
resnet-like.stage      = train
resnet-like.model      = resnet-like
resnet-like.videos     = training-videos
resnet-like.validation = validation-videos
resnet-like.flags      = --tower-blocks 3 --joint-blocks 3 --dropout 0.25 --normalization raw --reduction mean \
	--optimizer adam-torch --clip global --clip-norm 10 --batch-size 8192 --epochs 63 --max-steps 30000 \
	--learning-rate 0.02 --schedule plateau --plateau-factor 0.5 --plateau-patience 1 --validation-steps 1000

# What each says of the videos that judge.
artifacts += logistic-predictions
logistic-predictions.stage      = predict
logistic-predictions.checkpoint = logistic
logistic-predictions.videos     = validation-videos

artifacts += moe-predictions
moe-predictions.stage      = predict
moe-predictions.checkpoint = moe
moe-predictions.videos     = validation-videos

artifacts += resnet-like-predictions
resnet-like-predictions.stage      = predict
resnet-like-predictions.checkpoint = resnet-like
resnet-like-predictions.videos     = validation-videos

artifacts += ensemble-predictions
ensemble-predictions.stage = fuse
ensemble-predictions.of    = logistic-predictions moe-predictions resnet-like-predictions

# What each says of the videos that the contest asks about, and their mean: the submission, 20 classes
# a video.
artifacts += logistic-answers
logistic-answers.stage      = predict
logistic-answers.checkpoint = logistic
logistic-answers.videos     = contest-videos

artifacts += moe-answers
moe-answers.stage      = predict
moe-answers.checkpoint = moe
moe-answers.videos     = contest-videos

artifacts += resnet-like-answers
resnet-like-answers.stage      = predict
resnet-like-answers.checkpoint = resnet-like
resnet-like-answers.videos     = contest-videos

artifacts += ensemble-answers
ensemble-answers.stage = fuse
ensemble-answers.of    = logistic-answers moe-answers resnet-like-answers

artifacts += submission
submission.stage       = submit
submission.predictions = ensemble-answers
submission.contest     = 2018

# GAP@20 of each, on the videos that judge.
artifacts += logistic-metrics
logistic-metrics.stage       = evaluate
logistic-metrics.metric      = gap
logistic-metrics.predictions = logistic-predictions
logistic-metrics.videos      = validation-videos

artifacts += moe-metrics
moe-metrics.stage       = evaluate
moe-metrics.metric      = gap
moe-metrics.predictions = moe-predictions
moe-metrics.videos      = validation-videos

artifacts += resnet-like-metrics
resnet-like-metrics.stage       = evaluate
resnet-like-metrics.metric      = gap
resnet-like-metrics.predictions = resnet-like-predictions
resnet-like-metrics.videos      = validation-videos

artifacts += ensemble-metrics
ensemble-metrics.stage       = evaluate
ensemble-metrics.metric      = gap
ensemble-metrics.predictions = ensemble-predictions
ensemble-metrics.videos      = validation-videos

artifacts += metrics
metrics.stage = gather
metrics.of    = logistic-metrics moe-metrics resnet-like-metrics ensemble-metrics

# What is worth a look: the scores, how the models learned, what stands behind them.
artifacts += report
report.stage     = report
report.page      = reports/video-baseline.page
report.published = reports/published.csv
report.metrics   = metrics
report.models    = logistic moe resnet-like
report.classes   = ensemble-metrics
report.shows     = submission
