# Runs of a recipe under several seeds, each with a league of its own where there is no DATA: what a
# report's spreads and verdicts come from. They lie under $(O)/seeds/SCALE-SEED/. The first has the
# seeds that a plain `make submission` has, so what that made comes from the cache.
## N=n                 seeds that `make seeds` runs: 0 to n - 1 (3)
N ?= 3
seed-metrics = $(foreach a,$(artifacts-of.$(SUBMISSION)),$(if $(filter gather,$($(SUBMISSION)/$a.stage)),$(SUBMISSION)/$a))

.PHONY: seeds
seeds: ## run SUBMISSION under N seeds, for the spreads in its reports
	$(quiet)for seed in $$(seq 0 $$(($(N) - 1))); do \
		$(MAKE) $(seed-metrics) SEED=$$seed LEAGUE_SEED=$$((seed + 1)) RUN=seeds/$(SCALE)-$$seed/ || exit; \
	done
