# A finished submission in one archive, and back.
## ARCHIVE=file        what `make import` reads
ARCHIVE ?=
.PHONY: export import
exported = $(sort $(foreach a,$(call recipe-artifacts,$(SUBMISSION)),$(call artifact,$a) $(call beside,$a)) $(foreach \
	a,$(artifacts-of.$(SUBMISSION)),$(if $(filter evaluate gather,$($(SUBMISSION)/$a.stage)),$(wildcard $(call \
	artifact,$(SUBMISSION)/$a)))))
said = $(foreach v,$(call said-by-user,$(artifacts-of.$(SUBMISSION):%=$(SUBMISSION)/%)),$(newline)$v = $($v))
settings = $(file <config.mk)$(newline)SUBMISSION = $(SUBMISSION)$(newline)SCALE = $(SCALE)$(newline)SEED = $(SEED)$(newline)LEAGUE_SEED = $(LEAGUE_SEED)$(newline)PROFILE = $(PROFILE)$(said)
export: submission ## pack SUBMISSION with provenance, reports, recipe and sources: $(O)/SUBMISSION-SCALE.tar.gz
	$(quiet)sh makefiles/export.sh $(O)/$(SUBMISSION)-$(SCALE).tar.gz "$$settings" $(SUBMISSION) $(submissions) $(exported)
export: export settings := $(settings)

import: ## unpack ARCHIVE=file under $(O)/imported, after looking at names and hashes
	$(quiet)sh makefiles/import.sh '$(ARCHIVE)' $(O)/imported
