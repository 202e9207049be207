# Videos that any recipe may name, in the recipes' own words.
summary = videos of DATA, for all recipes

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
