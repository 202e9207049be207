# Podium: everything is a target of this one make. `make help` lists what there is.
MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/sh
.DEFAULT_GOAL := help

-include config.mk

O ?= build
PROFILE ?= portable
SANITIZE ?=
V ?= 0

include makefiles/toolchain.mk
include makefiles/programs.mk
include makefiles/gradient.mk
include makefiles/tests.mk
include makefiles/bench.mk
