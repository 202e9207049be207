# The speed of scoring: `evaluate` on a submission of full size, AP from scores, Python peers.
rank-bench.programs := $(O)/bench/segment_league $(O)/bench/average_precision $(O)/bench/measure

$(rank-bench.programs): $(O)/bench/%: tests/bench/%.c $(library) $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(library) $(ALL_LDLIBS)

bench-rank: $(O)/bin/evaluate $(rank-bench.programs) ## time evaluate beside Python peers (needs 1 GB in TMPDIR)
	$(quiet)sh tests/bench/rank.sh $(O)

.PHONY: bench-rank
