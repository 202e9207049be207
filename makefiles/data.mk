# Videos and tables that any recipe may name, in the recipes' own words.
summary = videos and tables of DATA, or of the synthetic league, for all recipes

# The synthetic league (spec league.md), in place of DATA.
artifacts += league
league.stage = synthesize
league.flags = --scale $(SCALE) --seed $(LEAGUE_SEED)

# Its statistics beside the published ones: make league-statistics.
artifacts += league-statistics
league-statistics.stage     = statistics
league-statistics.league    = league
league-statistics.published = reports/league.csv

# The 2018 contest's frames, and the 2019 contest's: with ratings, and those that it asks about.
artifacts += training-frames
training-frames.stage     = index
training-frames.partition = train
training-frames.level     = frame
training-frames.features  = rgb:1024,audio:128

artifacts += validation-frames
validation-frames.stage     = index
validation-frames.partition = validate
validation-frames.level     = frame
validation-frames.features  = rgb:1024,audio:128

artifacts += rated-segments
rated-segments.stage     = index
rated-segments.partition = validate
rated-segments.level     = segment
rated-segments.features  = rgb:1024,audio:128

artifacts += contest-segments
contest-segments.stage     = index
contest-segments.partition = test
contest-segments.level     = segment
contest-segments.features  = rgb:1024,audio:128

# The classes that are rated by segment.
artifacts += segment-classes
segment-classes.stage = table
segment-classes.name  = segment_label_ids.csv

# The eigenvalues of the features' principal components, where the data has them.
artifacts += eigenvalue-table
eigenvalue-table.stage = table
eigenvalue-table.name  = eigenvals.npy

choices += eigenvalues
eigenvalues.if   = table/eigenvals.npy
eigenvalues.then = eigenvalue-table
eigenvalues.else = nothing

# How the contest rates its segments: hidden on the contest's own data, known in the league.
artifacts += truth
truth.stage = table
truth.name  = truth.csv

# Mean features of whole videos, 2018.
artifacts += train-videos
train-videos.stage     = index
train-videos.partition = train
train-videos.level     = video
train-videos.features  = mean_rgb:1024,mean_audio:128

artifacts += validate-videos
validate-videos.stage     = index
validate-videos.partition = validate
validate-videos.level     = video
validate-videos.features  = mean_rgb:1024,mean_audio:128

artifacts += test-videos
test-videos.stage     = index
test-videos.partition = test
test-videos.level     = video
test-videos.features  = mean_rgb:1024,mean_audio:128

# Where DATA has no train partition, 26 of each 32 validate shards train and the others judge.
artifacts += most-of-validate
most-of-validate.stage = split
most-of-validate.of    = validate-videos
most-of-validate.by    = shard
most-of-validate.parts = 26,6
most-of-validate.part  = 0

artifacts += rest-of-validate
rest-of-validate.stage = split
rest-of-validate.of    = validate-videos
rest-of-validate.by    = shard
rest-of-validate.parts = 26,6
rest-of-validate.part  = 1

choices += training-videos
training-videos.if   = video/train
training-videos.then = train-videos
training-videos.else = most-of-validate

choices += validation-videos
validation-videos.if   = video/train
validation-videos.then = validate-videos
validation-videos.else = rest-of-validate

# The videos that a contest asks about; those that judge, where DATA has no test partition.
choices += contest-videos
contest-videos.if   = video/test
contest-videos.then = test-videos
contest-videos.else = validation-videos
