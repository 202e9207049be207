# Steps: each paragraph of a recipe becomes a rule. Only stamps are targets and prerequisites; what
# wakes a step is a parent's stamp, its program, its command line or a missing file, and then its key
# decides (DESIGN.md, "What makes a step run again").
#
# A stamp holds the command line of the run that it stands for, so a flag that changes wakes the
# step and one that changes back before the next run doesn't.
submissions := $(O)/$(RUN)submissions
reports := $(O)/$(RUN)reports
progress-folder := $(O)/progress
journal := $(progress-folder)/journal.$(shell echo $$PPID)

# A report lies where people look for it: $(O)/reports/RECIPE.md, or RECIPE-WHAT.md of RECIPE/report-WHAT.
stem = $(if $(filter report,$($1.stage)),$(reports)/$(call recipe-of,$1)$(patsubst report%,%,$(notdir $1)),$(submissions)/$1)
artifact = $(call stem,$1)$($($1.stage).extension)
stamp = $(submissions)/$1.stamp
stamps = $(addsuffix .stamp,$(addprefix $(submissions)/,$1))
beside = $(foreach pair,$($($1.stage).beside),$(call stem,$1)$(lastword $(subst :, ,$(pair))))

# The parts of a template (makefiles/stages.mk).
option = $(if $(call field,$1,$2),$3 $(call field,$1,$2))
files = $(foreach parent,$(call parent-artifacts,$1,$2),$3 $(call artifact,$(parent)))
videos = $(foreach parent,$(call parent-artifacts,$1,$2),$(if $(filter split,$($(parent).stage)),$3 $(call \
	files,$(parent),of,) $4 $(call artifact,$(parent)),$3 $(call artifact,$(parent))))

# What a step reads: its parents, and of a split also what was split.
parents = $(sort $(foreach f,$($($1.stage).parents),$(foreach p,$(call parent-artifacts,$1,$f),$p $(if $(filter \
	split,$($p.stage)),$(call parent-artifacts,$p,of)))))

sources = $(foreach f,$($($1.stage).sources),$(call field,$1,$f))

# Heavy steps compute on the device of this $(O) (makefiles/cuda.mk); on a GPU the plugin is part of them.
on-device = $(if $(filter heavy,$($($1.stage).kind)),$(device.options))
device-plugin = $(if $(call on-device,$1),$(cuda.plugin))

# The command line, without what can't change a result.
command = $(strip $(O)/bin/$($1.stage) $(call $($1.stage).command,$1) $(call on-device,$1) $(call field,$1,flags) $(call \
	field,$1,set) --output $(call artifact,$1) $(foreach pair,$($($1.stage).beside),--$(firstword \
	$(subst :, ,$(pair))) $(call stem,$1)$(lastword $(subst :, ,$(pair)))))

# With -j N each step gets cores/N threads. MAKEFLAGS has -j only while recipes run.
cores := $(shell nproc)
jobs = $(patsubst -j%,%,$(firstword $(filter -j%,$(MAKEFLAGS))))
threads = $(if $(filter -j%,$(MAKEFLAGS)),$(shell jobs=$(or $(jobs),$(cores)); echo $$(($(cores) > jobs ? $(cores) / jobs : 1))),$(cores))
volatile = --threads $(threads) $(if $(CACHE),--cache $(CACHE)) --progress-folder $(progress-folder) --journal $(journal)
quoted = '$(subst ','\'',$1)'

# Artifacts whose bytes are no longer those of their provenance. What looks as it did when it was hashed
# last is not hashed again.
made-folders := $(wildcard $(submissions) $(reports))
altered := $(if $(and $(made-folders),$(wildcard $(O)/bin/verify)),$(shell $(O)/bin/verify --changed $(made-folders)))

# Why a step must be woken whatever its stamp's time: it scans, a file of it is missing or altered, or
# its command line is another one. (make 4.3 leaves the newline at the end of what it reads from a file where
# its own buffer had to grow meanwhile; hence strip.)
missing = $(filter-out $(wildcard $1),$1)
woken = $(if $(filter scan,$($($1.stage).kind))$(call missing,$2 $(2:%=%.provenance))$(filter $2,$(altered))$(if $(call \
	equal,$3,$(strip $(file <$(call stamp,$1)))),,another),always)

# The rule of an artifact: name, its files, its command line.
define step-rule
$(call stamp,$1): $(call stamps,$(call parents,$1)) $(call sources,$1) $(O)/bin/$($1.stage) $(call device-plugin,$1) $(call woken,$1,$2,$3) $(if \
	$(filter scan,$($($1.stage).kind)),$(if $(call field,$1,of),,$(data.stamp)))
	$$(quiet)V=$(V) sh makefiles/step.sh $1 '$($($1.stage).kind)' $$@ $(journal) $(call quoted,$3) \
		'$$(volatile)' '$$(strip $$(EMULATE) $(if $(filter heavy,$($($1.stage).kind)),$$(LAUNCH)))'
.PHONY: $1
$1: $(call stamp,$1)
	$$(quiet)$$(call after-make,$1)
	$$(quiet)sh makefiles/finished.sh $1 $(journal) $2
endef
$(foreach a,$(all-artifacts),$(eval $(call step-rule,$a,$(call artifact,$a) $(call beside,$a),$(call command,$a))))

.PHONY: data-given
data-given:
	$(quiet)echo "SCALE=$(SCALE) needs DATA=folder, the dataset; its league is written by make data/league SCALE=$(SCALE)" >&2; exit 66

# What a recipe makes; what is for people to look at is named at the end.
recipe-artifacts = $(foreach word,$(makes-of.$1),$(call chosen,$(call scoped,$1,$(word),makes)))
recipe-files = $(filter-out %.curve.csv %.classes.csv %-metrics.json,$(filter %.csv %.json %.md %.html,$(foreach \
	a,$(call recipe-artifacts,$1),$(call artifact,$a) $(call beside,$a))))
.PHONY: $(recipes) submission
$(foreach r,$(recipes),$(eval $r: $(call stamps,$(call recipe-artifacts,$r))))
$(recipes):
	$(quiet)$(call after-make,$@)
	$(quiet)sh makefiles/finished.sh $@ $(journal) $(call recipe-files,$@)

ifeq ($(filter $(SUBMISSION),$(recipes)),)
$(error SUBMISSION=$(SUBMISSION): no such recipe; there are: $(recipes))
endif

# The first time, all that is compiled is compiled on all cores before the steps, which have them all one
# after another: make first makes what it includes, and then begins anew.
dry-run := $(findstring n,$(foreach w,$(firstword $(MAKEFLAGS)),$(if $(findstring =,$w)$(filter -%,$w),,$w)))
$(O)/obj/compiled.mk:
	+$(quiet)$(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(cores)) programs && touch $@
ifeq ($(dry-run),)
-include $(if $(filter submission $(recipes),$(MAKECMDGOALS)),$(O)/obj/compiled.mk)
endif

submission: $(SUBMISSION) ## make a whole submission: SUBMISSION=name DATA=folder

# A recipe's further reports: report-ablations is the artifact of that name.
report-names := $(sort $(foreach r,$(recipes),$(filter report-%,$(artifacts-of.$r))))
.PHONY: $(report-names)
$(report-names): report-%: $(SUBMISSION)/report-%

.PHONY: league-statistics
league-statistics: data/league-statistics ## the synthetic league's statistics beside the published ones
