# Tests. A test states facts; `make test` counts them and ends with "N passed, N failed".
#
#   tests/unit/test_NAME.c      a Check program, linked with the library      make test-NAME
#   tests/gradient/test_NAME.c  the same in double precision                  make test-gradient-NAME
#   tests/pipeline/NAME.sh      prints "ok - FACT" or "not ok - FACT"         make test-pipeline-NAME
unit-test.names := $(patsubst tests/unit/test_%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
gradient-test.names := $(patsubst tests/gradient/test_%.c,%,$(sort $(wildcard tests/gradient/test_*.c)))
pipeline-test.names := $(patsubst tests/pipeline/%.sh,%,$(filter-out %/facts.sh %/shards.sh %/copy.sh,$(sort $(wildcard tests/pipeline/*.sh))))
tests := $(O)/tests

# Debian's libcheck is static, and calls libsubunit.
test.libraries := -lcheck -lsubunit -lrt
$(tests)/%.o: tests/%.c $(O)/obj/flags | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CC $<
	$(quiet)$(call compile,-Itests $(if $(filter gradient/%,$*),-DPODIUM_DOUBLE))

$(tests)/unit-%: $(tests)/unit/test_%.o $(O)/obj/units.o $(library)
	$(quiet)$(call link,$^ $(test.libraries))

gradient-help.objects := $(patsubst %.c,$(O)/%.o,$(filter-out tests/gradient/test_%,$(wildcard tests/gradient/*.c)))
$(tests)/gradient-%: $(tests)/gradient/test_%.o $(gradient-help.objects) $(O)/obj/units.o $(double.library)
	$(quiet)$(call link,$^ $(test.libraries))

-include $(wildcard $(tests)/*/*.d)
# CUDA against the CPU: over the emulation wherever there is a C++ compiler, and on a GPU with DEVICE=cuda.
#   tests/cuda/test_NAME.c      make test-cuda-NAME
cuda-test.names := $(patsubst tests/cuda/test_%.c,%,$(sort $(wildcard tests/cuda/test_*.c)))
$(tests)/cuda-%: $(tests)/cuda/test_%.o $(tests)/cuda/parity.o $(O)/obj/units.o $(library)
	$(quiet)$(call link,$^ $(test.libraries))

# The emulation's threads have stacks of their own, which a sanitizer takes for faults.
cuda-test.lacking := $(if $(SANITIZE),a sanitizer doesn't know its stacks,$(if $(shell command -v $(CXX)),,there is no C++ compiler $(CXX)))
cuda-test.plugins := $(if $(cuda-test.lacking),,emulated) $(if $(filter cuda,$(DEVICE)),gpu)
cuda-test.plugin.emulated := $(emulated.plugin)
cuda-test.plugin.gpu := $(cuda.plugin)
define cuda-test-rule
$(tests)/cuda-$1-$2.result: $(tests)/cuda-$1 $(cuda-test.plugin.$2) always
	$$(quiet)$$(say) TEST 'cuda/$1 ($2)'
	$$(quiet)sh tests/run.sh $$@ check $$< $(cuda-test.plugin.$2)
test-cuda-$1: $(tests)/cuda-$1-$2.result
endef
$(foreach t,$(cuda-test.names),$(foreach p,$(cuda-test.plugins),$(eval $(call cuda-test-rule,$t,$p))))
cuda-test.results := $(foreach t,$(cuda-test.names),$(cuda-test.plugins:%=$(tests)/cuda-$t-%.result))
.PHONY: $(cuda-test.names:%=test-cuda-%)
$(cuda-test.names:%=test-cuda-%):
	$(quiet)sh tests/count.sh $(filter %.result,$^)

.SECONDARY: $(unit-test.names:%=$(tests)/unit/test_%.o) $(unit-test.names:%=$(tests)/unit-%) \
	$(gradient-test.names:%=$(tests)/gradient/test_%.o) $(gradient-test.names:%=$(tests)/gradient-%) $(gradient-help.objects) \
	$(cuda-test.names:%=$(tests)/cuda-%) $(cuda-test.names:%=$(tests)/cuda/test_%.o) $(tests)/cuda/parity.o

# One target a program, so that -j runs them side by side; none stops the others.
test.results := $(unit-test.names:%=$(tests)/unit-%.result) $(gradient-test.names:%=$(tests)/gradient-%.result) \
	$(pipeline-test.names:%=$(tests)/pipeline-%.result) $(cuda-test.results)

$(tests)/unit-%.result: $(tests)/unit-% always
	$(quiet)$(say) TEST $*
	$(quiet)sh tests/run.sh $@ check $<

$(tests)/gradient-%.result: $(tests)/gradient-% always
	$(quiet)$(say) TEST 'gradient/$*'
	$(quiet)sh tests/run.sh $@ check $<

$(tests)/pipeline-cuda.result: $(if $(filter emulated,$(cuda-test.plugins)),$(emulated.plugin))
$(tests)/pipeline-%.result: tests/pipeline/%.sh all always
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) TEST 'pipeline/$*'
	$(quiet)O='$(abspath $(O))' sh tests/run.sh $@ facts sh $<

.PHONY: test check
test check: $(test.results) ## run all tests; the last line is "N passed, N failed"
	$(quiet)$(if $(filter gpu,$(cuda-test.plugins)),,echo "skipped: CUDA on a GPU; make test DEVICE=cuda where there is one")
	$(quiet)$(if $(filter emulated,$(cuda-test.plugins)),,echo "skipped: CUDA emulated on the CPU; $(cuda-test.lacking)")
	$(quiet)sh tests/count.sh $(test.results)

# Every stage, and what a recipe makes of them: the part of `make test SANITIZE=address,undefined` that CI has time for.
.PHONY: test-sanitized
test-sanitized: ## make all recipes at scale tiny, with the compiler's checks of memory and arithmetic
	$(quiet)for recipe in $(recipes); do \
		$(MAKE) --no-print-directory submission SUBMISSION=$$recipe SCALE=tiny DATA= SANITIZE=address,undefined CUDA=0 || exit; done

test-gradient-%: $(tests)/gradient-%.result
	$(quiet)sh tests/count.sh $<
test-pipeline-%: $(tests)/pipeline-%.result
	$(quiet)sh tests/count.sh $<
test-%: $(tests)/unit-%.result
	$(quiet)sh tests/count.sh $<
