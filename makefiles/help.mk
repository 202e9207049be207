# What there is: targets, recipes, stages, models; and what this machine has.
.PHONY: help list doctor
help: ## print this
	$(quiet)echo "Podium $$(cat VERSION): YouTube-8M leaderboard submissions, rebuilt from raw records."
	$(quiet)printf '\n  make submission\n  make submission DATA=folder SCALE=paper\n  make test\n\nTargets:\n'
	$(quiet)sed -n 's/^\([a-z][a-z -]*\):.*## \(.*\)/\1@\2/p' $(MAKEFILE_LIST) | LC_ALL=C sort -u | \
		awk -F@ '{ printf "  %-20s %s\n", $$1, $$2 }'
	$(quiet)printf '  %-20s %s\n' RECIPE/NAME 'one artifact of a recipe, such as video-baseline/moe' \
		test-NAME 'one program of the tests'
	$(quiet)printf '\nVariables (on the command line, or in config.mk):\n'
	$(quiet)sed -n 's/^## \([A-Za-z_]*=\)/  \1/p' $(MAKEFILE_LIST)
	$(quiet)printf '  %-20s %s\n' "RECIPE/NAME.set='--option value'" 'wins over the recipe, for one artifact'

list-artifact = printf '  %-38s %-9s %s\n' '$1' '$($1.stage)' '$(call parents,$1)';
list-recipe = printf '%s: %s\n' '$1' '$(subst ','\'',$(summary-of.$1))'; $(foreach a,$(artifacts-of.$1),$(call list-artifact,$1/$a))
list: $(programs) ## submissions and their artifacts, stages, models and their options
	$(quiet)echo "Submissions, and videos for all of them: artifact, stage, made from"
	$(quiet)$(foreach r,data $(recipes),$(call list-recipe,$r))
	$(quiet)$(foreach c,$(all-choices),printf '  %-38s is %s\n' '$c' '$(call chosen,$c)';)
	$(quiet)printf '\nStages ($(O)/bin/NAME --help says more):\n'
	$(quiet)for stage in $(stages); do printf '  %-12s %s\n' $$stage "$$($(O)/bin/$$stage --help | sed -n 2p)"; done
	$(quiet)printf '\nModels and their options:\n'
	$(quiet)test ! -x $(O)/bin/train || $(O)/bin/train --list-models

$(O)/obj/speed.o: makefiles/speed.c $(O)/obj/flags | $(packages)
	$(quiet)$(call compile,)
$(O)/obj/speed: $(O)/obj/speed.o $(library) $(O)/obj/units.o
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call link,$^)

doctor: $(O)/obj/speed ## what this machine has: compiler, BLAS and its speed, CUDA, disk, packages
	$(quiet)O='$(O)' CC='$(CC)' PROFILE='$(PROFILE)' sh makefiles/doctor.sh $< \
		'$(packages.build) $(packages.tests) $(packages.lint)'
