# The same bits again: a submission made once more from nothing, under other conditions, and compared;
# with the build in O, and with the hashes and reports that are committed:
#
#   submissions/NAME.lock    a section a scale: each artifact's hash, for the league and seed that are
#                            the default and the portable profile, and what they were made with
#   reports/NAME.SCALE.md    what the report says at that scale
#
## CPU=haswell         make reproduce runs the steps on an emulated CPU (needs qemu-user)
CPU ?=
## AGAINST=lock        make reproduce compares with the lock alone; makes nothing in O
AGAINST ?=
## COMPILE=0           make reproduce takes O's programs in place of compiling them again
COMPILE ?= 1
## LEAVE=1             make reproduce leaves what it made
LEAVE ?=

# Names of CPUs for people; others are qemu's own (qemu-x86_64 -cpu help). Without what qemu doesn't have.
cpu.haswell := Haswell-noTSX,-invpcid
cpu.zen     := EPYC
emulated-cpu = $(if $(CPU),$(or $(cpu.$(CPU)),$(CPU)))

# A report shows runs under other seeds where there are any. They are no part of the recipe, so what is
# compared is a report without them, in a folder of its own.
plain-reports = $(if $(seed-runs),reports=$(progress-folder)/plain/reports seed-runs=)

# What was said that makes other artifacts than those that the lock is about.
other-settings = $(strip $(if $(DATA),DATA) $(if $(filter-out 0,$(SEED)),SEED) $(if $(filter-out 1,$(LEAGUE_SEED)),LEAGUE_SEED) \
	$(if $(filter-out portable,$(PROFILE)),PROFILE) $(if $(SANITIZE),SANITIZE) $(if $(CFLAGS)$(CPPFLAGS),CFLAGS) \
	$(foreach v,$(.VARIABLES),$(if $(findstring .,$v),$(if $(findstring command line,$(origin $v)),$v))))

# Paths of artifacts below O, parents first, in a file.
listed-of = $(subst $(space),$(newline),$(strip $(foreach a,$(call in-order,$1),$(patsubst $(O)/%,%,$(call artifact,$a) $(call beside,$a)))))
listed = $(plan).artifacts
write-listed = $(shell mkdir -p $(progress-folder))$(file >$2,$(call listed-of,$1))
lock-words = submissions/$(SUBMISSION).lock $(SCALE) $(listed)

$(O)/obj/disorder.so: makefiles/disorder.c $(O)/obj/flags
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -shared -fPIC -o $@.$$$$ $< -ldl && mv -f $@.$$$$ $@

# What was said and means nothing here.
misspelt = $(or $(if $(filter-out lock,$(AGAINST)),AGAINST=$(AGAINST): may be lock),$(if $(filter-out 0 1,$(COMPILE)),COMPILE=$(COMPILE): may \
	be 0),$(if $(SANITIZE),SANITIZE: other programs are compared with nothing))

.PHONY: reproduce reproduced
reproduce: ## make SUBMISSION again from nothing, otherwise than before, and compare all bytes; T=name: a part
	$(quiet)$(if $(misspelt),echo "reproduce: $(misspelt)" >&2; exit 64,$(MAKE) reproduced $(plain-reports))

reproduced: programs $(if $(AGAINST),,$(or $(T),$(SUBMISSION))) $(O)/obj/disorder.so
	$(call write-listed,$(asked),$(listed))
	$(quiet)exec env O='$(O)' CC='$(CC)' GOAL='$(or $(T),$(SUBMISSION))' STEPS='$(words $(call in-order,$(asked)))' \
		PROGRAMS='$(patsubst $(O)/%,%,$(programs) $(library))' DISORDER='$(O)/obj/disorder.so' REPORTS='$(reports)' \
		DATA='$(abspath $(DATA))' THREADS='$(threads)' JOBS='$(jobs)' EMULATED='$(emulated-cpu)' AGAINST='$(AGAINST)' \
		COMPILE='$(COMPILE)' LEAVE='$(LEAVE)' OTHER='$(other-settings)' \
		sh makefiles/reproduce.sh $(MAKE) $(lock-words) $(MAKEOVERRIDES)

# Which sections `make lock` writes: of each lock all that it has, unless SUBMISSION or SCALE was said.
was-said = $(filter command environment,$(origin $1))
sections-of = $(if $(wildcard $1),$(shell sed -n 's/^\[\(.*\)\]$$/\1/p' $1))
locked-recipes = $(or $(if $(call was-said,SUBMISSION),$(SUBMISSION)),$(sort $(patsubst submissions/%.lock,%,$(wildcard submissions/*.lock))),$(SUBMISSION))
locked-scales = $(or $(if $(call was-said,SCALE),$(SCALE)),$(call sections-of,submissions/$1.lock),$(SCALE))
.PHONY: lock lock-section lock-written
lock: ## write what artifacts hash to into submissions/NAME.lock: all sections, or those of SUBMISSION, SCALE
	$(quiet)$(if $(other-settings),echo "lock: is about the default settings; leave out $(other-settings)" >&2; exit 64)
	$(quiet)$(foreach r,$(locked-recipes),$(foreach s,$(call locked-scales,$r),$(MAKE) lock-section SUBMISSION=$r SCALE=$s &&)) :

lock-section:
	$(quiet)$(MAKE) lock-written $(plain-reports) T=

lock-written: $(SUBMISSION)
	$(call write-listed,$(call recipe-artifacts,$(SUBMISSION)),$(listed))
	$(quiet)CC='$(CC)' sh makefiles/lock.sh write $(O) $(lock-words); code=$$?; rm -f $(listed); exit $$code

# The reports of all recipes, and the expected ones that are committed.
reports-of = $(foreach a,$(call recipe-artifacts,$1),$(if $(filter report,$($a.stage)),$a))
all-reports = $(foreach r,$(recipes),$(call reports-of,$r))
expected-report = $(patsubst %.md,reports/%.$(SCALE).md,$(notdir $(call artifact,$1)))
check-reports = CC='$(CC)' sh makefiles/lock.sh reports $(O) submissions/$1.lock $(SCALE) $(listed).$1
.PHONY: reports reports-update reports-updated
reports: $(all-reports) ## make the reports of all submissions at SCALE, and hold them against the expected ones
	$(if $(other-settings)$(seed-runs),,$(foreach r,$(recipes),$(call write-listed,$(call recipe-artifacts,$r),$(listed).$r)))
	$(quiet)$(if $(other-settings)$(seed-runs),echo "reports: the expected ones are of the default seeds and settings alone; not compared",$(foreach \
		r,$(recipes),$(call check-reports,$r) &&) :; code=$$?; rm -f $(listed).*; exit $$code)

reports-update: ## write the expected reports at SCALE: reports/NAME.SCALE.md
	$(quiet)$(MAKE) reports-updated $(plain-reports)

reports-updated: $(all-reports)
	$(quiet)$(foreach a,$(all-reports),cp $(call artifact,$a) $(call expected-report,$a) &&) :
