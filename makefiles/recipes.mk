# Recipes: submissions/NAME.mk, read into variables RECIPE/ARTIFACT.FIELD. What each may say is in
# makefiles/stages.mk; whatever else it says is an error, because in make a misspelt name is an
# empty string.
#
# A recipe is a list of paragraphs, one artifact each (`artifacts += NAME`, then `NAME.FIELD = ...`).
# `submissions/SCALE/NAME.mk`, where there is one, is read after it and changes what the scale
# changes. Names of the recipe's own artifacts stand alone; others are RECIPE/NAME, or the names that
# makefiles/data.mk defines for all recipes.
#
#   NAME.like = OTHER     what NAME doesn't say, it takes from a paragraph above it
#   %-NAME.for = A B      one paragraph for each word, which stands where the fields say %
#   list.NAME = ...       words to be used again in the recipe, as $(list.NAME)
#   makes = NAME...       what `make submission` makes, with all that it needs; otherwise everything
recipes := $(basename $(notdir $(sort $(wildcard submissions/*.mk))))
ifeq ($(filter $(SCALE),tiny small paper),)
$(error SCALE=$(SCALE): must be tiny, small or paper)
endif

all-artifacts :=
all-choices :=

# A field of an artifact; nothing where its paragraph doesn't say.
field = $(if $(filter undefined,$(origin $1.$2)),,$($1.$2))

# The two halves of a variable's name: moe.flags.
name-of = $(firstword $(subst ., ,$1))
field-of = $(lastword $(subst ., ,$1))

known-fields = $(every-stage.fields) $($1.fields)
choice.fields := if then else

# Variables of the command line that say something of these artifacts.
said-by-user = $(foreach v,$(filter $(1:%=%.%),$(.VARIABLES)),$(if $(findstring command line,$(origin $v)),$v))

# Complain: recipe, what.
refuse = $(error $(recipe-file.$1): $2)

equal = $(if $(subst x$1,,x$2)$(subst x$2,,x$1),,yes)

# Those of some variables that are said of a name, which may have a %. One filter, because a recipe of
# hundreds of artifacts asks it hundreds of times about thousands of variables.
said-of = $(filter $(subst %,\%,$1).%,$2)

# Say something of an artifact that doesn't say it itself: name, field, value.
define say-too
$(if $(call field,$1,$2),,$1.$2 = $3
recipe-said += $1.$2)
endef

# Paragraphs with a %: one for each word of their `for`. What a word's own paragraph says, wins.
patterns = $(foreach a,$(artifacts),$(if $(findstring %,$a),$a))
spread-word = $(eval artifacts += $(subst %,$2,$1))$(foreach v,$3,$(eval $(call say-too,$(subst \
	%,$2,$1),$(call field-of,$v),$(subst %,$2,$($v)))))
spread = $(foreach w,$(call field,$2,for),$(call spread-word,$2,$w,$(filter-out %.for,$3)))$(foreach \
	v,$3,$(eval undefine $v))$(eval recipe-said := $(filter-out $(subst %,\%,$3),$(recipe-said)))
spread-patterns = $(foreach p,$(patterns),$(if $(call field,$p,for),,$(call refuse,$1,$p stands for nothing; write $p.for = \
	...))$(call spread,$1,$p,$(call said-of,$p,$(recipe-said))))$(eval artifacts := $(foreach a,$(artifacts),$(if $(findstring %,$a),,$a)))

# Paragraphs that are like another one above them.
liken-to = $(if $(filter $3,$(artifacts)),,$(call refuse,$1,$2.like = $3: there is no such paragraph))$(foreach \
	v,$(filter-out %.like,$(call said-of,$3,$(recipe-said))),$(eval $(call say-too,$2,$(call field-of,$v),$$($v))))
liken = $(foreach a,$(artifacts),$(if $(call field,$a,like),$(call liken-to,$1,$a,$(call field,$a,like))))

# A set of shards that a stage writes is read through an index of it, NAME-index.
shard-sets = $(foreach a,$(artifacts),$(if $(call field,$(call field,$a,stage),shards),$a))
define index-set
artifacts += $1-index
$1-index.stage = index
$1-index.of = $1
$1-index.partition = train
$1-index.features = $($($1.stage).shards)
recipe-said += $1-index.stage $1-index.of $1-index.partition $1-index.features
endef
index-sets = $(foreach a,$(shard-sets),$(eval $(call index-set,$a)))

# Variables that are no NAME.FIELD of this recipe.
stray = $(filter-out list.% $(addsuffix .%,$(artifacts) $(choices)),$1)$(foreach v,$(filter-out list.%,$1),$(if $(filter-out \
	2,$(words $(subst ., ,$v))),$v))
check-variables = $(foreach v,$(firstword $(call stray,$2)),$(call \
	refuse,$1,"$v" is said of nothing; a paragraph begins with "artifacts += NAME" and goes on with NAME.FIELD))

# Those of the variables said of a name whose field is none of these.
unknown = $(filter-out $(addprefix $1.,$3),$(call said-of,$1,$2))

check-artifact = $(if $(filter 1,$(words $(call field,$2,stage))),,$(call refuse,$1,$2 has no stage; write $2.stage = ...))$(if \
	$(filter $(call field,$2,stage),$(stage-names)),,$(call refuse,$1,$2.stage = $(call \
	field,$2,stage): no such stage; there are $(stage-names)))$(foreach v,$(call unknown,$2,$3,$(call \
	known-fields,$($2.stage))),$(call refuse,$1,$v: $($2.stage) has no field "$(call \
	field-of,$v)"; it has $(call known-fields,$($2.stage))))

check-choice = $(foreach v,$(call unknown,$2,$3,$(choice.fields)),$(call refuse,$1,$v: a choice has only \
	$(choice.fields)))$(foreach f,$(choice.fields),$(if $(call field,$2,$f),,$(call refuse,$1,$2.$f is missing)))

# Each word once.
check-twice = $(if $(filter $(words $2),$(words $(sort $2))),,$(foreach n,$(sort $2),$(if $(filter-out 1,$(words $(filter \
	$n,$2))),$(call refuse,$1,$n is defined twice))))

# Keep what a recipe said under its whole names, and forget the short ones.
define keep
all-artifacts += $(artifacts:%=$1/%)
all-choices += $(choices:%=$1/%)
artifacts-of.$1 := $(artifacts)
choices-of.$1 := $(choices)
summary-of.$1 := $(summary)
makes-of.$1 := $(or $(makes),$(artifacts))
$(foreach v,$2,$(eval $1/$v := $(strip $($v))))$(foreach v,$2,$(eval undefine $v))
endef

harvest = $(call check-twice,$1,$(artifacts) $(choices))$(call check-variables,$1,$2)$(foreach \
	a,$(artifacts),$(call check-artifact,$1,$a,$2))$(foreach a,$(choices),$(call check-choice,$1,$a,$2))$(eval \
	$(call keep,$1,$2))

# Read one recipe: name, file.
define read-recipe
recipe-file.$1 := $2
artifacts :=
choices :=
summary :=
makes :=
recipe-said :=
recipe-before :=
recipe-before := $$(.VARIABLES)
include $2
-include submissions/$(SCALE)/$1.mk
recipe-said := $$(sort $$(filter-out $$(recipe-before),$$(.VARIABLES)) $$(call said-by-user,$$(artifacts)))
$$(call spread-patterns,$1)
$$(call liken,$1)
$$(call index-sets)
$$(call harvest,$1,$$(sort $$(recipe-said)))
endef

$(eval $(call read-recipe,data,makefiles/data.mk))
$(foreach r,$(recipes),$(eval $(call read-recipe,$r,submissions/$r.mk)))

# What a user says of a whole name on the command line must be a field too.
$(foreach v,$(call said-by-user,$(all-artifacts)),$(if $(filter $(call field-of,$v),$(call \
	known-fields,$(call field,$(call name-of,$v),stage))),,$(error $v: no such field of $(call name-of,$v))))

# What DATA has, as LEVEL/PARTITION or table/NAME: the folders of common/data/layout.h. The synthetic
# league, which stands in where DATA isn't given, has everything.
ifneq ($(words $(DATA)),$(words $(firstword $(DATA))))
$(error DATA=$(DATA): a folder's name must have no blanks; make can't handle them. A link without blanks will do)
endif
places.video := /2/video/ /video/ /
places.frame := /2/frame/ /frame/ /
places.segment := /3/frame/ /segment/ /
places.table := / /3/ /2/ /3/frame/ /2/frame/ /2/video/
in-data = $(firstword $(foreach place,$(places.$1),$(wildcard $(if $(filter table,$1),$(DATA)$(place)$2,$(addprefix \
	$(DATA)$(place),$2/$2*.tfrecord $2/$2*.tfrecord.gz $2*.tfrecord $2*.tfrecord.gz)))))
has-data = $(if $(DATA),$(call in-data,$(patsubst %/,%,$(dir $1)),$(notdir $1)),yes)

# The artifact that a name means in a recipe: through choices, down to one that a stage makes, or to
# nothing.
named = $(if $(call field,$1,stage)$(call field,$1,then),$1)
scoped = $(or $(call named,$2),$(call named,$1/$2),$(call named,data/$2),$(call \
	refuse,$1,$3: no artifact "$2" in this recipe, and none of that whole name))
recipe-of = $(patsubst %/,%,$(dir $1))
taken = $(filter-out nothing,$(if $(call has-data,$($1.if)),$($1.then),$($1.else)))
chosen = $(if $(filter $1,$(all-choices)),$(foreach word,$(call taken,$1),$(call chosen,$(call scoped,$(call \
	recipe-of,$1),$(word),$(notdir $1)))),$1)
through-index = $(foreach a,$2,$(if $(filter videos validation with without,$1),$(if $(call field,$($a.stage),shards),$a-index,$a),$a))
find-parents = $(call through-index,$2,$(foreach word,$(filter-out nothing,$(call field,$1,$2)),$(call chosen,$(call scoped,$(call \
	recipe-of,$1),$(word),$(notdir $1).$2))))

# The artifacts that a field names; found once, and asked for by several rules.
parent-artifacts = $(if $(filter undefined,$(origin found.$1.$2)),$(eval found.$1.$2 := $(call find-parents,$1,$2)))$(found.$1.$2)
