# The figures in the README: written by a target that a person runs, never typed.
readme.report := $(O)/submissions/video-baseline/report.md

.PHONY: readme-update
readme-update: ## write the scores of video-baseline's report into the README
	$(quiet)sh makefiles/readme.sh README.md $(readme.report)
