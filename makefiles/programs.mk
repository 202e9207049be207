# Sources to programs: one library, one small program for each stage, and the table of units.
library.sources := $(sort $(wildcard common/*/*.c common/*/*/*.c models/*.c models/*/*.c))
stage.sources := $(sort $(wildcard stages/*.c))
stages := $(stage.sources:stages/%.c=%)

library.objects := $(library.sources:%.c=$(O)/obj/%.o)
stage.objects := $(stage.sources:%.c=$(O)/obj/%.o)
programs := $(stages:%=$(O)/bin/%)

# What can't change a result is in no step's key: what shows progress, and what carries keys and names.
volatile.sources := common/base/progress.c $(wildcard common/artifact/*.c)
unit.sources := $(filter-out $(volatile.sources),$(library.sources) $(stage.sources))

all: $(programs) $(O)/lib/libpodium.a ## build all programs; trains nothing

# Flags decide object code as much as sources do: objects depend on their text.
flags.text = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) | $(ALL_LDFLAGS) $(ALL_LDLIBS)
$(O)/obj/flags: always
	$(quiet)mkdir -p $(@D)
	$(quiet)printf '%s\n' '$(flags.text)' | cmp -s - $@ || printf '%s\n' '$(flags.text)' > $@

$(O)/obj/%.o: %.c $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CC $<
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The registry of models: a file in models/ is its own registration.
model.names := $(basename $(notdir $(sort $(wildcard models/*.c))))
models.text := $(foreach model,$(model.names),extern const Model model_$(model);\n) \
	const Model *const models[] = {$(foreach model,$(model.names),&model_$(model),) 0};\n
$(O)/obj/registry.c: always
	$(quiet)mkdir -p $(@D)
	$(quiet)printf '#include "models/model.h"\n$(models.text)' | cmp -s - $@ || printf '#include "models/model.h"\n$(models.text)' > $@

$(O)/obj/registry.o: $(O)/obj/registry.c $(O)/obj/flags
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/units.c: makefiles/units.sh VERSION $(unit.sources:%.c=$(O)/obj/%.o)
	$(quiet)$(say) UNITS $@
	$(quiet)sh makefiles/units.sh $(O)/obj "$$(cat VERSION)" $(unit.sources) > $@.new && mv $@.new $@

$(O)/obj/units.o: $(O)/obj/units.c $(O)/obj/flags
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

library := $(O)/lib/libpodium.a
registry.objects := $(if $(wildcard models/model.h),$(O)/obj/registry.o)
$(library): $(library.objects) $(registry.objects)
	$(quiet)mkdir -p $(@D)
	$(quiet)rm -f $@
	$(quiet)$(AR) crD $@ $^

$(programs): $(O)/bin/%: $(O)/obj/stages/%.o $(O)/obj/units.o $(library)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) LINK $@
	$(quiet)$(CC) $(ALL_LDFLAGS) -o $@ $< $(O)/obj/units.o $(library) $(ALL_LDLIBS)

-include $(library.objects:.o=.d) $(stage.objects:.o=.d)

clean: ## remove what was compiled; artifacts stay
	$(quiet)rm -rf $(O)/obj $(O)/bin $(O)/lib $(O)/tests $(O)/generated

always:
.PHONY: all clean always
