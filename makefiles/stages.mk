# What a recipe may say about each stage, and how the stage is told. One block a stage:
#
#   STAGE.extension  of its artifact
#   STAGE.fields     that a paragraph may have, beside those that every stage has
#   STAGE.parents    those of them that name artifacts
#   STAGE.sources    those that name files of this repository
#   STAGE.beside     second outputs: option:extension
#   STAGE.command    the command line's middle, of the artifact $1. It uses
#                      $(call option,$1,FIELD,--name)   --name and what the field says, if it does
#                      $(call files,$1,FIELD,--name)    --name (or nothing) before each file it names
#                      $(call videos,$1,FIELD,--index,--split)   the index of the videos it names,
#                                                       and their part of it, if they are a part
#   STAGE.shards     it writes shards, in the folder of its name without .manifest; their features
#   STAGE.kind       scan: looks at raw data, so it always runs; heavy: LAUNCH goes before it
#
# Every stage takes: stage, flags (its options as they are), set (the same, for the command line:
# `make video-baseline/moe.set='--epochs 3'` wins over what the recipe and the scale say).
every-stage.fields := stage flags set like for

stage-names := synthesize statistics table index split train predict softlabel tune fuse rankfuse submit evaluate gather report
$(foreach stage,$(stage-names),$(foreach part,fields parents sources beside kind shards,$(eval $(stage).$(part) :=)))

# DATA, or the league in its place. What scans it waits for the league; one at the paper's scale, 1.5 TB,
# is made only by its name.
data.folder = $(or $(DATA),$(submissions)/data/league)
data.stamp  = $(if $(DATA),,$(if $(filter paper,$(SCALE)),data-given,$(call stamp,data/league)))

# Classes of the vocabulary: the dataset's, or the league's.
league.classes.tiny  := 24
league.classes.small := 60
league.classes.paper := 3862
CLASSES ?= $(if $(DATA),3862,$(league.classes.$(SCALE)))

synthesize.extension := .manifest
synthesize.command    =

statistics.extension := .md
statistics.fields    := league published
statistics.parents   := league
statistics.sources   := published
statistics.command    = $(call files,$1,league,--league) $(call option,$1,published,--published)

table.extension := .table
table.fields    := name
table.kind      := scan
table.command    = --data $(data.folder) $(call option,$1,name,--name)

index.extension := .index
index.fields    := partition features level of
index.parents   := of
index.kind      := scan
index.command    = $(if $(call field,$1,of),$(foreach p,$(call parent-artifacts,$1,of),--manifest $(call \
	artifact,$p) --data $(call stem,$p)),--data $(data.folder)) $(call option,$1,partition,--partition) \
	$(call option,$1,features,--features) $(call option,$1,level,--level)

split.extension := .split
split.fields    := of by parts part with without
split.parents   := of with without
split.command    = $(call files,$1,of,--index) $(call option,$1,by,--by) \
	$(call option,$1,parts,--parts) $(call option,$1,part,--part) \
	$(call videos,$1,with,--with-index,--with-split) $(call videos,$1,without,--without-index,--without-split)

train.extension := .safetensors
train.fields    := model videos validation from eigenvalues
train.parents   := videos validation from eigenvalues
train.beside    := curve:.curve.csv
train.kind      := heavy
train.command    = $(call option,$1,model,--model) $(call files,$1,from,--from) \
	$(call videos,$1,videos,--index,--split) \
	$(call videos,$1,validation,--validation-index,--validation-split) $(call files,$1,eigenvalues,--normalization dewhiten --eigenvalues) \
	--data $(data.folder) --seed $(SEED)

predict.extension := .safetensors
predict.fields    := checkpoint videos classes
predict.parents   := checkpoint videos classes
predict.kind      := heavy
predict.command    = $(call files,$1,checkpoint,--checkpoint) $(call videos,$1,videos,--index,--split) \
	$(call files,$1,classes,--classes) --data $(data.folder)

softlabel.extension := .manifest
softlabel.fields    := checkpoint videos classes
softlabel.parents   := checkpoint videos classes
softlabel.shards    := rgb:1024,audio:128
softlabel.kind      := heavy
softlabel.command    = $(call files,$1,checkpoint,--checkpoint) $(call videos,$1,videos,--index,--split) \
	$(call files,$1,classes,--classes) --data $(data.folder) --seed $(SEED)

comma := ,
space := $(subst x,,x x)

# What an ensemble's members are called in its weights, where they are tuned on one set of files and used
# for another; else the files' own names.
member-names = $(if $(call field,$1,names),--names $(subst $(space),$(comma),$(call field,$1,names)))
tuned-weights = $(call files,$1,tuned,--weights-file) $(member-names)

# Weights by trials on a hold-out: ratings of `truth`, or of `videos`.
tune.extension := .json
tune.fields    := of names fusion truth videos
tune.parents   := of truth videos
tune.beside    := log:.trials.csv
tune.command    = $(call files,$1,of,) $(call option,$1,fusion,--fusion) $(member-names) $(call \
	files,$1,truth,--truth) $(call videos,$1,videos,--index,--subset) --seed $(SEED)

fuse.extension := .safetensors
fuse.fields    := of weights tuned names
fuse.parents   := of tuned
fuse.command    = $(call files,$1,of,) $(call option,$1,weights,--weights) $(tuned-weights)

# Weights by the names of what is fused, without their recipes: one=0.7 two=0.3.
rankfuse.extension := .csv
rankfuse.fields    := of weights w0 tuned names videos
rankfuse.parents   := of tuned videos
rankfuse.command    = $(call files,$1,of,) $(if $(call field,$1,weights),--weights $(subst $(space),$(comma),$(call \
	field,$1,weights))) $(call option,$1,w0,--w0) $(tuned-weights) $(call videos,$1,videos,--index,--subset)

submit.extension := .csv
submit.fields    := predictions contest
submit.parents   := predictions
submit.command    = $(call files,$1,predictions,--predictions) $(call option,$1,contest,--contest)

evaluate.extension := .json
evaluate.fields    := predictions submission metric videos truth
evaluate.parents   := predictions submission videos truth
evaluate.beside     = per-class:.classes.csv $(if $(filter map,$(call field,$1,metric)),per-rank:.ranks.csv)
evaluate.command    = $(call option,$1,metric,--metric) $(call files,$1,predictions,--predictions) \
	$(call files,$1,submission,--submission) \
	$(call videos,$1,videos,--index,--subset) $(call files,$1,truth,--truth)

gather.extension := .json
gather.fields    := of
gather.parents   := of
gather.command    = $(call files,$1,of,)

# What a run under another seed says of the metrics that a report names in `seeds`.
seed-runs := $(sort $(wildcard $(O)/seeds/$(SCALE)-*))
seed-files = $(foreach metrics,$(call parent-artifacts,$1,seeds),$(patsubst \
	$(O)/submissions/%,$2/submissions/%,$(call artifact,$(metrics))))

report.extension := .md
report.fields    := metrics seeds models weights tuned classes ranks shows page published
report.parents   := metrics seeds models weights tuned classes ranks shows
report.sources   := page published
report.beside    := html:.html
report.command    = $(call files,$1,metrics,) $(call option,$1,page,--page) \
	$(call option,$1,published,--published) $(call files,$1,models,--checkpoint) \
	$(foreach model,$(call parent-artifacts,$1,models),--curve $(call beside,$(model))) \
	$(call files,$1,weights,--weights) \
	$(foreach tuned,$(call parent-artifacts,$1,tuned),--trials $(call beside,$(tuned))) \
	$(foreach metrics,$(call parent-artifacts,$1,classes),--per-class $(call stem,$(metrics)).classes.csv) \
	$(foreach metrics,$(call parent-artifacts,$1,ranks),--per-rank $(call stem,$(metrics)).ranks.csv) \
	$(foreach run,$(seed-runs),$(if $(call missing,$(call \
	seed-files,$1,$(run))),,$(foreach file,$(call seed-files,$1,$(run)),--seed-metrics $(file)))) \
	$(call files,$1,shows,--artifact)
