# The speed of scoring and fusing: `evaluate` on a submission of full size, AP from scores, `rankfuse` on several,
# Python peers.
rank-bench.programs := $(O)/bench/segment_league $(O)/bench/average_precision $(O)/bench/measure

$(rank-bench.programs): $(O)/bench/%: tests/bench/%.c $(library) $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(library) $(ALL_LDLIBS)

bench-rank: $(O)/bin/evaluate $(rank-bench.programs) ## time evaluate beside Python peers (needs 1 GB in TMPDIR)
	$(quiet)sh tests/bench/rank.sh $(O)

.PHONY: bench-rank

bench-rankfuse: $(O)/bin/rankfuse $(O)/bench/segment_league $(O)/bench/measure ## time rankfuse beside pandas, numpy and a dict
	$(quiet)sh tests/bench/rankfuse.sh $(O)

bench: bench-rankfuse
.PHONY: bench-rankfuse
