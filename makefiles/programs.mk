# Sources to programs: one library, one small program for each stage, and the table of units. What is more than
# a page of a stage NAME has parts in stages/NAME/.
library.sources := $(sort $(wildcard common/*/*.c common/*/*/*.c models/*.c models/*/*.c stages/*/*.c))
stage.sources := $(sort $(wildcard stages/*.c))
stages := $(stage.sources:stages/%.c=%)

library.objects := $(library.sources:%.c=$(O)/obj/%.o)
stage.objects := $(stage.sources:%.c=$(O)/obj/%.o)
programs := $(stages:%=$(O)/bin/%)

# What can't change a result is in no step's key: what shows progress, and what carries keys and names.
volatile.sources := common/base/progress.c common/base/terminal.c common/base/bus_error.c $(wildcard common/artifact/*.c)
unit.sources := $(filter-out $(volatile.sources),$(library.sources) $(stage.sources))

all: programs ## build all programs, and the plugin for GPUs where nvcc is; trains nothing

# What steps need: on a GPU the plugin too (makefiles/cuda.mk).
programs: $(programs)

# Two makes on one O may build the same file: it appears whole, whichever comes last.
compile = $(CC) $(ALL_CPPFLAGS) $1 $(ALL_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ $< && mv -f $@.$$$$ $@
link = $(CC) $(ALL_LDFLAGS) -o $@.$$$$ $1 $(ALL_LDLIBS) && mv -f $@.$$$$ $@
archive = $(AR) crD $@.$$$$ $1 && mv -f $@.$$$$ $@
# Replace a file by what a command prints, if it differs.
replace = { $1; } | cmp -s - $@ || { { $1; } > $@.$$$$ && mv -f $@.$$$$ $@; }

# Flags decide object code as much as sources do: objects depend on their text.
flags.text = $(CC) $(ALL_CPPFLAGS) $(filter-out $(map.folders),$(ALL_CFLAGS)) | $(ALL_LDFLAGS) $(ALL_LDLIBS)
$(O)/obj/flags: always
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call replace,printf '%s\n' '$(flags.text)')

$(O)/obj/%.o: %.c $(O)/obj/flags | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CC $<
	$(quiet)$(call compile,)

# The registry of models: a file in models/ is its own registration.
model.names := $(basename $(notdir $(sort $(wildcard models/*.c))))
models.text := $(foreach model,$(model.names),extern const Model model_$(model);\n) \
	const Model *const models[] = {$(foreach model,$(model.names),&model_$(model),) 0};\n
$(O)/obj/registry.c: always
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call replace,printf '#include "models/model.h"\n$(models.text)')

$(O)/obj/registry.o: $(O)/obj/registry.c $(O)/obj/flags | $(packages)
	$(quiet)$(call compile,)

$(O)/obj/units.c: makefiles/units.sh VERSION $(unit.sources:%.c=$(O)/obj/%.o)
	$(quiet)$(say) UNITS $@
	$(quiet)sh makefiles/units.sh $(O)/obj "$$(cat VERSION)" $(unit.sources) > $@.$$$$ && mv -f $@.$$$$ $@

$(O)/obj/units.o: $(O)/obj/units.c $(O)/obj/flags
	$(quiet)$(call compile,)

library := $(O)/lib/libpodium.a
registry.objects := $(if $(wildcard models/model.h),$(O)/obj/registry.o)
$(library): $(library.objects) $(registry.objects)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call archive,$^)

$(programs): $(O)/bin/%: $(O)/obj/stages/%.o $(O)/obj/units.o $(library)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) LINK $@
	$(quiet)$(call link,$< $(O)/obj/units.o $(library))

# The library once more in double precision, for the tests of gradients.
double.objects := $(library.sources:%.c=$(O)/double/%.o) $(registry.objects:$(O)/obj/%=$(O)/double/%)
double.library := $(O)/lib/libpodium-double.a
$(O)/double/%.o: %.c $(O)/obj/flags | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CC '$< (double)'
	$(quiet)$(call compile,-DPODIUM_DOUBLE)

$(O)/double/registry.o: $(O)/obj/registry.c $(O)/obj/flags | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call compile,-DPODIUM_DOUBLE)

$(double.library): $(double.objects)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call archive,$^)

-include $(library.objects:.o=.d) $(stage.objects:.o=.d) $(double.objects:.o=.d) $(O)/obj/registry.d

clean: ## remove what was compiled; artifacts stay
	$(quiet)rm -rf $(O)/obj $(O)/double $(O)/bin $(O)/lib $(O)/tests $(O)/generated

always:
.PHONY: all programs clean always
