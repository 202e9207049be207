# What the machinery itself costs: starting programs, knowing shards, a make that has nothing to do, hashing what is
# written, the cache.
-include $(O)/bench/fingerprint.d $(O)/bench/write_file.d $(O)/bench/cache.d

bench-start: programs $(O)/bench/measure ## how long programs take to begin, and in how much memory
	$(quiet)sh tests/bench/start.sh $(O)

bench-fingerprint: $(O)/bench/fingerprint $(O)/bin/synthesize ## fingerprints of shards: against reading them (1.4 GB under O for a while)
	$(quiet)sh tests/bench/fingerprint.sh $(O)

bench-make: programs $(O)/bench/cache $(O)/bench/measure ## a make with nothing to do, 200 artifacts, 3,844 shards: against make alone; a cache of 20,000
	$(quiet)sh tests/bench/make.sh $(O)

bench-write: $(O)/bench/write_file ## write an artifact of 1 GB: against writing it without its hash, on the disk of O
	$(quiet)$(O)/bench/write_file $(O)/bench/write_file.bytes 1024

bench-shift: programs $(O)/bench/measure ## predict --shift -1:1: its cost in predictions, of which it makes three on the same frames
	$(quiet)sh tests/bench/shift.sh $(O)/bench $(O)/bin

.PHONY: bench-start bench-fingerprint bench-make bench-write bench-shift
