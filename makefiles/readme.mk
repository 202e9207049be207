# The figures in the README: written by a target that a person runs, never typed.
readme.report := $(O)/reports/soft-label.md

.PHONY: readme-update
readme-update: ## write the scores of the soft-label report into the README
	$(quiet)sh makefiles/readme.sh README.md $(readme.report)
