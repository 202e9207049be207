# Podium: everything is a target of this one make. `make help` lists what there is.
MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/sh
.DEFAULT_GOAL := help

# A clone's own settings, in the same words as on the command line.
-include config.mk

## O=dir               where everything goes that is made (build)
O ?= build
## DATA=dir            the folder with the dataset's shards; without it: a synthetic league
DATA ?=
## SUBMISSION=name     what `make submission` makes (soft-label)
SUBMISSION ?= soft-label
## SCALE=small         or tiny, paper: how large models and training are
SCALE ?= small
## SEED=n              of the training (0)
SEED ?= 0
## LEAGUE_SEED=n       of the synthetic league (1)
LEAGUE_SEED ?= 1
## PROFILE=portable    same bits on every AVX2 machine; or native: the fastest here
PROFILE ?= portable
## CACHE=dir           artifacts by key, may be shared between clones and users ($(O)/cache); empty: none
CACHE ?= $(O)/cache
# Where in O a run of its own lies (makefiles/seeds.mk).
RUN ?=
## LAUNCH=command      put before heavy steps: LAUNCH='srun --gpus=1'
LAUNCH ?=
# Put before all steps: what emulates another CPU (makefiles/reproduce.mk).
EMULATE ?=
## SANITIZE=list       build and test with checks of the compiler: address,undefined
SANITIZE ?=
## V=1                 show command lines
V ?= 0
## QUIET=1             no progress
QUIET ?=
export QUIET
# Threads that wait for one another sleep: on a machine that others use too, spinning costs half the speed.
OMP_WAIT_POLICY ?= passive
export OMP_WAIT_POLICY

# What only compiles and tests uses all cores unless -j says otherwise. Steps do so by themselves.
ifeq ($(filter-out all test check lint doctor list,$(MAKECMDGOALS)),)
MAKEFLAGS += -j$(shell nproc)
endif

include makefiles/toolchain.mk
include makefiles/packages.mk
include makefiles/programs.mk
include makefiles/cuda.mk
include makefiles/stages.mk
include makefiles/recipes.mk
include makefiles/steps.mk
include makefiles/audit.mk
include makefiles/archive.mk
include makefiles/cache.mk
include makefiles/seeds.mk
include makefiles/reproduce.mk
include makefiles/tests.mk
include makefiles/fuzz.mk
include makefiles/torture.mk
include makefiles/bench.mk
include makefiles/bench-rank.mk
include makefiles/bench-cost.mk
include makefiles/lint.mk
include makefiles/install.mk
include makefiles/readme.mk
include makefiles/help.mk
