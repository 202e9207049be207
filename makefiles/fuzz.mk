# Fuzzing: readers of untrusted bytes, fed with any bytes (tests/fuzz/harness.h).
#
#   tests/fuzz/fuzz_NAME.c   a harness
#   tests/fuzz/seeds/NAME/   inputs to begin with, made by tests/fuzz/make_seeds.c and from golden files
#   tests/fuzz/found/NAME/   inputs that once broke something; seeds and these are part of `make test`
#   tests/fuzz/NAME.dict     words of the format, for the fuzzer
#
## FUZZ_SECONDS=n      `make fuzz`: how long, over all harnesses together (60)
FUZZ_SECONDS ?= 60
## FUZZ=names          `make fuzz`: which harnesses (all)
FUZZ ?=
CLANG ?= clang
fuzz.names := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz.folder := $(O)/fuzz

# Programs whose reader opens files get these from tests/fuzz/memory_file.c instead.
fuzz.wrapped := mapped_file_open mapped_file_close file_read file_status readahead_advance madvise arena_open arena_close
fuzz.wrap := $(fuzz.wrapped:%=-Wl,--wrap=%)
fuzz.help := harness memory_file

# ---- with the fuzzer: all of it compiled once more, by clang ----
fuzz.sanitize := address,undefined
fuzz.cflags = -std=c11 -O2 -gline-tables-only -march=$(march.$(PROFILE)) -fopenmp -fno-math-errno -fno-trapping-math \
	-ffp-contract=off -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,$(fuzz.sanitize) -fno-sanitize-recover=all -w $(CFLAGS)
fuzz.objects := $(library.sources:%.c=$(fuzz.folder)/%.o) $(fuzz.folder)/registry.o
fuzz.programs := $(fuzz.names:%=$(fuzz.folder)/bin/%)
compile-fuzz = $(CLANG) -D_GNU_SOURCE -I. -Itests/fuzz $(CPPFLAGS) $(fuzz.cflags) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@ $<

$(fuzz.folder)/clang: | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)sh makefiles/fuzz-clang.sh '$(CLANG)' '$(packages.fuzz)' '$@'

$(fuzz.folder)/%.o: %.c $(fuzz.folder)/clang
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CC '$< (fuzz)'
	$(quiet)$(compile-fuzz)

$(fuzz.folder)/registry.o: $(O)/obj/registry.c $(fuzz.folder)/clang
	$(quiet)mkdir -p $(@D)
	$(quiet)$(compile-fuzz)

$(fuzz.folder)/library.a: $(fuzz.objects)
	$(quiet)$(call archive,$^)

$(fuzz.programs): $(fuzz.folder)/bin/%: $(fuzz.folder)/tests/fuzz/fuzz_%.o $(fuzz.help:%=$(fuzz.folder)/tests/fuzz/%.o) \
		$(fuzz.folder)/tests/fuzz/engine.o $(fuzz.folder)/library.a
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CLANG) -fopenmp -fsanitize=fuzzer,$(fuzz.sanitize) $(fuzz.wrap) $(LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

-include $(wildcard $(fuzz.folder)/*.d $(fuzz.folder)/*/*.d $(fuzz.folder)/*/*/*.d $(fuzz.folder)/*/*/*/*.d)
.SECONDARY: $(fuzz.names:%=$(fuzz.folder)/tests/fuzz/fuzz_%.o)

fuzz.chosen := $(or $(FUZZ),$(fuzz.names))
ifneq ($(filter-out $(fuzz.names),$(FUZZ)),)
$(error FUZZ=$(filter-out $(fuzz.names),$(FUZZ)): no such harness; there are: $(fuzz.names))
endif
.PHONY: fuzz
fuzz: $(fuzz.chosen:%=$(fuzz.folder)/bin/%) ## feed any bytes to all readers: FUZZ_SECONDS=n FUZZ=names; needs clang
	$(quiet)sh makefiles/fuzz.sh $(fuzz.folder) $(FUZZ_SECONDS) $(fuzz.chosen)

# What inputs taught (corpus) stays, as artifacts do.
.PHONY: fuzz-clean
clean: fuzz-clean
fuzz-clean:
	$(quiet)rm -rf $(addprefix $(fuzz.folder)/,bin common models tests library.a registry.o registry.d clang make_seeds)

# ---- without: seeds and found inputs, with the ordinary compiler, as a part of `make test` ----
$(tests)/fuzz-%: $(tests)/fuzz/fuzz_%.o $(fuzz.help:%=$(tests)/fuzz/%.o) $(tests)/fuzz/replay.o $(library)
	$(quiet)$(call link,$(fuzz.wrap) $^)

.SECONDARY: $(fuzz.names:%=$(tests)/fuzz/fuzz_%.o) $(fuzz.names:%=$(tests)/fuzz-%) $(fuzz.help:%=$(tests)/fuzz/%.o) $(tests)/fuzz/replay.o
fuzz.inputs = $(sort $(wildcard tests/fuzz/seeds/$1/* tests/fuzz/found/$1/*))
fuzz.results := $(fuzz.names:%=$(tests)/fuzz-%.result)
$(tests)/fuzz-%.result: $(tests)/fuzz-% always
	$(quiet)$(say) TEST 'fuzz/$*'
	$(quiet)sh tests/run.sh $@ facts $< $(call fuzz.inputs,$*)

test.results += $(fuzz.results)
test check: $(fuzz.results)
.PHONY: test-fuzz
test-fuzz: $(fuzz.results) ## the fuzzers' seeds and what they once found, without clang
	$(quiet)sh tests/count.sh $^
test-fuzz-%: $(tests)/fuzz-%.result
	$(quiet)sh tests/count.sh $<

# ---- seeds ----
$(fuzz.folder)/make_seeds: $(tests)/fuzz/make_seeds.o $(O)/obj/units.o $(library)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call link,$^ $(test.libraries))

.PHONY: fuzz-seeds
fuzz-seeds: $(fuzz.folder)/make_seeds ## write tests/fuzz/seeds again
	$(quiet)sh makefiles/fuzz-seeds.sh $<
