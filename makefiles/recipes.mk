# Recipes: submissions/NAME.mk, read into variables RECIPE/ARTIFACT.FIELD. What each may say is in
# makefiles/stages.mk; whatever else it says is an error, because in make a misspelt name is an
# empty string.
#
# A recipe is a list of paragraphs, one artifact each (`artifacts += NAME`, then `NAME.FIELD = ...`).
# `submissions/SCALE/NAME.mk`, where there is one, is read after it and changes what the scale
# changes. Names of the recipe's own artifacts stand alone; others are RECIPE/NAME, or the names of
# videos that makefiles/data.mk defines for all recipes.
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

check-variable = $(if $(filter-out 2,$(words $(subst ., ,$2)))$(filter-out $(artifacts) $(choices),$(call name-of,$2)),$(call \
	refuse,$1,"$2" is said of nothing; a paragraph begins with "artifacts += NAME" and goes on with NAME.FIELD))

check-artifact = $(if $(filter 1,$(words $(call field,$2,stage))),,$(call refuse,$1,$2 has no stage; write $2.stage = ...))$(if \
	$(filter $(call field,$2,stage),$(stage-names)),,$(call refuse,$1,$2.stage = $(call \
	field,$2,stage): no such stage; there are $(stage-names)))$(foreach v,$3,$(if $(filter $2,$(call \
	name-of,$v)),$(if $(filter $(call field-of,$v),$(call known-fields,$($2.stage))),,$(call \
	refuse,$1,$v: $($2.stage) has no field "$(call field-of,$v)"; it has $(call known-fields,$($2.stage))))))

check-choice = $(foreach v,$3,$(if $(filter $2,$(call name-of,$v)),$(if $(filter $(call \
	field-of,$v),$(choice.fields)),,$(call refuse,$1,$v: a choice has only $(choice.fields)))))$(foreach \
	f,$(choice.fields),$(if $(call field,$2,$f),,$(call refuse,$1,$2.$f is missing)))

# Each word once.
check-twice = $(foreach n,$(sort $2),$(if $(filter-out 1,$(words $(filter $n,$2))),$(call \
	refuse,$1,$n is defined twice)))

# Keep what a recipe said under its whole names, and forget the short ones.
define keep
all-artifacts += $(artifacts:%=$1/%)
all-choices += $(choices:%=$1/%)
artifacts-of.$1 := $(artifacts)
choices-of.$1 := $(choices)
summary-of.$1 := $(summary)
$(foreach v,$2,$(eval $1/$v := $(strip $($v)))$(eval undefine $v))
endef

harvest = $(call check-twice,$1,$(artifacts) $(choices))$(foreach v,$2,$(call check-variable,$1,$v))$(foreach \
	a,$(artifacts),$(call check-artifact,$1,$a,$2))$(foreach a,$(choices),$(call check-choice,$1,$a,$2))$(eval \
	$(call keep,$1,$2))

# Read one recipe: name, file.
define read-recipe
recipe-file.$1 := $2
artifacts :=
choices :=
summary :=
recipe-said :=
recipe-before :=
recipe-before := $$(.VARIABLES)
include $2
-include submissions/$(SCALE)/$1.mk
recipe-said := $$(sort $$(filter-out $$(recipe-before),$$(.VARIABLES)) $$(call said-by-user,$$(artifacts)))
$$(call harvest,$1,$$(recipe-said))
endef

$(eval $(call read-recipe,data,makefiles/data.mk))
$(foreach r,$(recipes),$(eval $(call read-recipe,$r,submissions/$r.mk)))

# What a user says of a whole name on the command line must be a field too.
$(foreach v,$(call said-by-user,$(all-artifacts)),$(if $(filter $(call field-of,$v),$(call \
	known-fields,$(call field,$(call name-of,$v),stage))),,$(error $v: no such field of $(call name-of,$v))))

# Which partitions DATA has, as LEVEL/PARTITION: the folders of common/data/layout.h.
ifneq ($(words $(DATA)),$(words $(firstword $(DATA))))
$(error DATA=$(DATA): a folder's name must have no blanks; make can't handle them. A link without blanks will do)
endif
places.video := /2/video/ /video/ /
places.frame := /2/frame/ /frame/ /
places.segment := /3/frame/ /segment/ /
in-data = $(firstword $(foreach place,$(places.$1),$(wildcard $(addprefix $(DATA)$(place),$2/$2*.tfrecord $2/$2*.tfrecord.gz $2*.tfrecord $2*.tfrecord.gz))))
has-data = $(if $(DATA),$(call in-data,$(patsubst %/,%,$(dir $1)),$(notdir $1)))

# The artifact that a name means in a recipe: through choices, down to one that a stage makes.
scoped = $(or $(filter $2,$(all-artifacts) $(all-choices)),$(filter $1/$2,$(all-artifacts) \
	$(all-choices)),$(filter data/$2,$(all-artifacts) $(all-choices)),$(call \
	refuse,$1,$3: no artifact "$2" in this recipe, and none of that whole name))
recipe-of = $(patsubst %/,%,$(dir $1))
chosen = $(if $(filter $1,$(all-choices)),$(call chosen,$(call scoped,$(call recipe-of,$1),$(if $(call \
	has-data,$($1.if)),$($1.then),$($1.else)),$(notdir $1))),$1)
parent-artifacts = $(foreach word,$(call field,$1,$2),$(call chosen,$(call scoped,$(call \
	recipe-of,$1),$(word),$(notdir $1).$2)))
