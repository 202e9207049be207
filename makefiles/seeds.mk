# Runs of a recipe under several seeds, each with a league of its own where there is no DATA: what a
# report's spreads and verdicts come from. They lie under $(O)/seeds/SCALE-SEED/.
## N=n                 seeds that `make seeds` runs: 1 to n (3)
N ?= 3
seed-runs = $(foreach seed,$(shell seq $(N)),seeds/$(SCALE)-$(seed))
seed-metrics = $(foreach a,$(artifacts-of.$(SUBMISSION)),$(if $(filter gather,$($(SUBMISSION)/$a.stage)),$(SUBMISSION)/$a))

.PHONY: seeds seed-runs
seeds: ## run SUBMISSION under N seeds, for the spreads in its reports
	$(quiet)for seed in $(shell seq $(N)); do \
		$(MAKE) $(seed-metrics) SEED=$$seed LEAGUE_SEED=$$seed RUN=seeds/$(SCALE)-$$seed/ || exit; \
	done
