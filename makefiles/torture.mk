# Torture: a small build, disturbed again and again, must end as an undisturbed one does
# (tests/torture/). A shorter run is in `make test`.
## TORTURE_RUNS=n      faults of `make torture` (200)
TORTURE_RUNS ?= 200
## TORTURE_SEED=n      of their moments and places (1)
TORTURE_SEED ?= 1
## TORTURE_RUN=n       this run alone, as a failure prints it
TORTURE_RUN ?=

torture.sources := $(sort $(filter-out tests/torture/faults.c,$(wildcard tests/torture/*.c)))
torture.objects := $(torture.sources:%.c=$(O)/%.o)
torture.programs := $(O)/torture/torture $(O)/torture/faults.so

$(O)/torture/torture: $(torture.objects) $(O)/obj/units.o $(library)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) LINK $@
	$(quiet)$(call link,$^)

# It stands before the C library: no sanitizer may stand before it.
$(O)/torture/faults.so: tests/torture/faults.c tests/torture/plan.h $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) LINK $@
	$(quiet)$(CC) $(ALL_CPPFLAGS) -std=c11 -O2 $(WARNINGS) -fPIC -shared -o $@.$$$$ $< -ldl && mv -f $@.$$$$ $@

.PHONY: torture torture-programs
torture-programs: $(torture.programs)
torture: programs torture-programs ## disturb a small build in TORTURE_RUNS ways; it must end as an undisturbed one does
	$(quiet)sh tests/torture/torture.sh $(O) $(TORTURE_RUNS) $(TORTURE_SEED) $(TORTURE_RUN)

$(tests)/pipeline-torture.result: torture-programs
