# The figures in the README: written by a target that a person runs, never typed.
.PHONY: readme-update
## GPU_LOGS=folder     of `make readme-update`: what tests/gpu.sh left (build-gpu/gpu)
GPU_LOGS ?= build-gpu/gpu
readme-update: ## write the reports' scores, and what was measured on a GPU, into the README
	$(quiet)sh makefiles/readme.sh README.md $(O)/reports $(GPU_LOGS)
