# Benches: tests/bench/NAME.c against a peer in the same run. They print "name value unit" lines, and
# a ratio where there is a peer.
PROTOC ?= protoc
protobuf.found = $(shell command -v $(PROTOC) >/dev/null 2>&1 && $(PKG_CONFIG) --exists protobuf && echo yes)
bench.shard := $(O)/bench/decode.tfrecord

bench.help := $(O)/bench/help/model_bench.o
$(O)/bench/help/%.o: tests/bench/help/%.c $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call compile,)

$(O)/bench/%: tests/bench/%.c $(bench.help) $(O)/obj/units.o $(library) $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< $(bench.help) $(O)/obj/units.o $(library) $(ALL_LDLIBS)

-include $(bench.help:.o=.d)
.SECONDARY: $(bench.help)

-include $(O)/bench/decode.d

# The peer needs what only a developer has: protoc and protobuf's headers.
$(O)/bench/decode_protobuf: tests/bench/decode_protobuf.cc tests/bench/example.proto
	$(quiet)mkdir -p $(@D) $(O)/generated/bench
	$(quiet)$(PROTOC) --proto_path=tests/bench --cpp_out=$(O)/generated/bench tests/bench/example.proto
	$(quiet)$(CXX) -O3 -DNDEBUG -march=$(march.$(PROFILE)) -I$(O)/generated -o $@ $< \
		$(O)/generated/bench/example.pb.cc $(shell $(PKG_CONFIG) --cflags --libs protobuf) -lisal

$(bench.shard): $(O)/bench/decode
	$(quiet)$< make $@

bench-decode: $(O)/bench/decode $(bench.shard) $(if $(protobuf.found),$(O)/bench/decode_protobuf) ## decode frames: against protobuf, and against the disk
	$(quiet)sh tests/bench/decode.sh $(O)/bench

.PHONY: bench-decode

-include $(O)/bench/model.d

## ROWS=pattern        of `make bench-models`: the rows to measure ('*'); ROUNDS=n of turns (3)
bench-models: $(O)/bench/model $(O)/bench/profile ## training steps and inference of models: against PyTorch; PROFILE=native for the goals
	$(quiet)sh tests/bench/models.sh $(O)/bench $(PROFILE)

# The same program in the other profile, from a build of its own.
bench.other := $(if $(filter native,$(PROFILE)),portable,native)
$(O)/bench-$(bench.other)/bench/model: always
	$(quiet)$(MAKE) O=$(O)/bench-$(bench.other) PROFILE=$(bench.other) CUDA=0 SANITIZE= $@

bench-profiles: $(O)/bench/model $(O)/bench-$(bench.other)/bench/model ## the portable profile and the native one: what one costs beside the other
	$(quiet)sh tests/bench/profiles.sh $(O)/bench $(PROFILE) $(O)/bench-$(bench.other)/bench/model

# BOBYQA is a peer: where NLopt isn't, the bench says so and goes on without it (libnlopt-dev).
nlopt.found = $(shell $(PKG_CONFIG) --exists nlopt && echo yes)
$(O)/bench/tune: private ALL_CPPFLAGS += $(if $(nlopt.found),-DHAVE_NLOPT)
$(O)/bench/tune: private LDLIBS += $(if $(nlopt.found),-lnlopt)
-include $(O)/bench/tune.d

bench-tune: $(O)/bench/tune ## an ensemble's weights by trials: against points drawn evenly, and BOBYQA of NLopt
	$(quiet)folder=$$(mktemp -d) && { $< "$$folder"; code=$$?; rm -rf "$$folder"; exit $$code; }

# Where a training step's time goes.
## MODEL=name          of `make profile`: any model (nextvlad)
MODEL ?= nextvlad
## BATCH=n FRAMES=n    of `make profile`: videos in a batch (80), and frames of each (300)
BATCH ?= 80
FRAMES ?= 300
## SET=options         of `make profile`: the model's: SET='--clusters=16 --groups=4'
SET ?=
-include $(O)/bench/profile.d
.PHONY: profile
profile: $(O)/bench/profile ## a table of where a training step of MODEL spends its time, op by op
	$(quiet)$(O)/bench/profile $(MODEL) $(BATCH) $(FRAMES) 3 $(device.options) $(SET)

bench: bench-decode bench-rank bench-rankfuse bench-models bench-tune bench-profiles bench-start bench-fingerprint bench-write bench-make bench-shift ## all benches: figures, and ratios to peers in the same run

.PHONY: bench bench-models bench-profiles bench-tune
