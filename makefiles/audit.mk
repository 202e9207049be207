# What is made, what would be made and why, and whether all of it still is what it was.
#
#   $(O)/progress/plan.PID   a line an artifact, parents first: NAME, PARENTS, ARTIFACT, COMMAND by tabs
#
## T=RECIPE/NAME       the artifact that `make why`, `status` and `graph` are about (all of SUBMISSION)
T ?=
.PHONY: status why graph verify gc
define newline :=


endef
tab := $(subst x,,x	x)

ifneq ($(filter-out $(all-artifacts),$(T)),)
$(error T=$(T): no such artifact; make list names them)
endif
asked = $(or $(T),$(call recipe-artifacts,$(SUBMISSION)))

# Artifacts and all that they are made from, each behind its parents.
made-from = $(call parents,$1) $(if $(filter scan,$($($1.stage).kind)),$(if $(call field,$1,of)$(DATA),,data/league))
visit = $(if $(filter $1,$(visited)),,$(eval visited += $1)$(foreach p,$(call made-from,$1),$(call visit,$p))$(eval \
	ordered += $1))
in-order = $(eval visited :=)$(eval ordered :=)$(foreach a,$1,$(call visit,$a))$(ordered)

plan = $(progress-folder)/plan.$(shell echo $$PPID)
plan-line = $1$(tab)$(or $(strip $(call made-from,$1)),-)$(tab)$(call artifact,$1)$(tab)$(call command,$1)
write-plan = $(shell mkdir -p $(progress-folder))$(file >$(plan),$(subst $(newline) ,$(newline),$(foreach a,$(call in-order,$1),$(call \
	plan-line,$a)$(newline))))
states = sh makefiles/states.sh $(plan) '$(volatile)'

status: programs ## what `make submission` would make, why, and how long it took last time; T=name: for one artifact
	$(call write-plan,$(asked))
	$(quiet)$(states) | awk -f makefiles/reasons.awk -f makefiles/status.awk -v name='$(or $(T),$(SUBMISSION))'; rm -f $(plan)

why: programs ## why an artifact would be made again: T=RECIPE/NAME
	$(if $(T),,$(error say which artifact: make why T=RECIPE/NAME; make list names them))
	$(call write-plan,$(asked))
	$(quiet)$(states) | awk -f makefiles/reasons.awk -f makefiles/why.awk -v name='$(T)'; rm -f $(plan)

graph: programs ## draw what SUBMISSION is made from, and what is up to date: $(O)/reports/SUBMISSION-graph.svg
	$(quiet)command -v dot >/dev/null || { echo "graph: needs graphviz; apt-get install graphviz" >&2; exit 69; }
	$(call write-plan,$(asked))
	$(quiet)mkdir -p $(O)/reports && $(states) | awk -f makefiles/graph.awk >$(plan).dot && \
		dot -Tsvg $(plan).dot >$(O)/reports/$(SUBMISSION)-graph.svg.new && \
		mv $(O)/reports/$(SUBMISSION)-graph.svg.new $(O)/reports/$(SUBMISSION)-graph.svg && rm -f $(plan) $(plan).dot
	$(quiet)echo "$(O)/reports/$(SUBMISSION)-graph.svg"

# Every file that a recipe, under this SCALE and these seeds, stands for.
all-files = $(foreach a,$(all-artifacts),$(call artifact,$a) $(call beside,$a))
write-known = $(shell mkdir -p $(progress-folder))$(file >$(plan),$(subst $(space),$(newline),$(strip $(all-files))))
verify: programs ## hash every artifact, name what is altered, missing or orphaned; find leaks of hidden truth and hold-outs
	$(call write-known)
	$(quiet)$(if $(made-folders),$(O)/bin/verify --known $(plan) $(made-folders),echo "verify: nothing was made yet"); \
		code=$$?; rm -f $(plan); exit $$code

gc: programs ## remove artifacts that no recipe names; asks first
	$(call write-known)
	$(quiet)$(if $(made-folders),sh makefiles/gc.sh $(O)/bin/verify $(plan) '$(YES)' $(made-folders),echo "gc: nothing was made yet"); \
		code=$$?; rm -f $(plan); exit $$code
