# The figures in the README: written by a target that a person runs, never typed.
.PHONY: readme-update
readme-update: ## write the reports' scores into the README
	$(quiet)sh makefiles/readme.sh README.md $(O)/reports
