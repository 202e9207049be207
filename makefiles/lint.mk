# Lint: what the compiler doesn't complain about. Each tool reads all sources; its complaints fail it.
c.files := $(sort $(wildcard common/*/*.[ch] common/*/*/*.[ch] models/*.[ch] models/*/*.[ch] stages/*.[ch] stages/*/*.[ch] \
	tests/*.h tests/*/*.[ch] tests/*/*/*.[ch] makefiles/*.c))
c.sources := $(filter %.c,$(c.files))
cuda.files := $(sort $(wildcard common/tensor/cuda/*.cu* common/tensor/ops/*.cu tests/cuda/emulation/*))
product.sources := $(filter-out tests/%,$(c.sources))
scripts := $(sort $(wildcard makefiles/*.sh tests/*.sh tests/*/*.sh tests/*/*/*.sh) .ci/run)

.PHONY: lint lint-packages lint-format lint-cppcheck lint-scripts
lint: lint-format lint-cppcheck lint-scripts $(product.sources:%.c=$(O)/lint/%.tidy) ## clang-format, clang-tidy, cppcheck, shellcheck
	$(quiet)echo "lint: no complaints"

lint-packages:
	$(quiet)sh makefiles/setup.sh '$(packages.lint) $(packages.build) $(packages.tests)'

lint-format: lint-packages
	$(quiet)$(say) FORMAT '$(words $(c.files)) files'
	$(quiet)clang-format --dry-run -Werror $(c.files) $(cuda.files)

lint-scripts: lint-packages
	$(quiet)$(say) SHELL '$(words $(scripts)) scripts'
	$(quiet)shellcheck -s sh -x -S warning $(scripts)

# Left out: what cppcheck believes of variables that a macro defines or a callee fills; the compiler
# and the analyzer know better.
lint-cppcheck: lint-packages
	$(quiet)$(say) CPPCHECK '$(words $(c.sources)) files'
	$(quiet)cppcheck -q -j $(cores) --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 $(addprefix --suppress=,missingIncludeSystem unknownMacro invalidPointerCast uninitvar legacyUninitvar constStatement memleakOnRealloc) \
		-I. -Itests -D_GNU_SOURCE $(c.sources)

# clang-tidy is slow: a file that it had nothing to say about is looked at again when it changes.
$(O)/lint/%.tidy: %.c .clang-tidy | lint-packages
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) TIDY $<
	$(quiet)clang-tidy --quiet --warnings-as-errors='*' $< -- $(ALL_CPPFLAGS) -std=c11 -fopenmp >$@.$$$$ 2>&1 || { cat $@.$$$$; rm $@.$$$$; exit 1; }; mv $@.$$$$ $@
