# The cache: what is in it, less of it, and what a make that ended well leaves to it.
## CACHE_SIZE=20G      what the cache may hold: least recently used goes first; 0: no limit
CACHE_SIZE ?= 20G
## KEEP=10G            what cache-prune leaves: a size, or an age such as 30d
KEEP ?=
.PHONY: cache-status cache-prune

# The folder, where there is one yet; a word that says why not, where there isn't.
with-cache = $(if $(CACHE),$(if $(wildcard $(CACHE)),$1,echo "cache: nothing is in $(CACHE) yet"),echo "cache: CACHE is empty; none is used")

cache-status: $(O)/bin/cache ## what the cache holds, by kind, and what a prune would free
	$(quiet)$(call with-cache,$(O)/bin/cache --size $(CACHE_SIZE) $(CACHE))

cache-prune: $(O)/bin/cache ## make the cache smaller: KEEP=10G or KEEP=30d; shows what goes, asks first
	$(if $(KEEP),,$(error say what stays: make cache-prune KEEP=10G, or KEEP=30d for what was used in 30 days))
	$(quiet)$(call with-cache,sh makefiles/cache.sh $(O)/bin/cache '$(KEEP)' '$(YES)' '$(V)' $(CACHE))

# After a make of a recipe, or of an artifact, where there was something to do: the cache is kept below its
# size, and told what the recipe stands for. Where there was nothing to do, only that this still holds.
after-make.did = $(O)/bin/cache --after-make --size $(CACHE_SIZE) --journal $(journal)
after-make.recipe = --recipe $1 --made-in $(submissions)
after-make = $(if $(CACHE),$(if $(file <$(journal)),$(after-make.did) $(if $(filter $1,$(recipes)),$(call \
	after-make.recipe,$1)) $(CACHE) $(if $(filter $1,$(recipes)),$(call artifacts-behind,$1)),$(if $(filter \
	$1,$(recipes)),$(O)/bin/cache --after-make $(call after-make.recipe,$1) $(CACHE),:)) || :,:)
artifacts-behind = $(foreach a,$(call in-order,$(call recipe-artifacts,$1)),$(call artifact,$a))

$(recipes) $(all-artifacts): | $(O)/bin/cache
