# Debian packages. What the build needs is looked for once for an O, and installed where it is
# missing; "a|b": either will do.
packages.build := libopenblas0-pthread|libopenblas0-openmp|libopenblas0-serial libcsv-dev \
	libjansson-dev libisal-dev librandom123-dev libssl-dev zlib1g-dev gnuplot-nox|gnuplot-qt|gnuplot-x11
packages.tests := check
packages.fuzz := clang libclang-rt-dev libomp-dev
packages.lint := clang-format clang-tidy cppcheck shellcheck

.PHONY: setup
setup: ## install the Debian packages that are missing, or say how
	$(quiet)sh makefiles/setup.sh '$(packages.build) $(packages.tests)'

packages = $(O)/packages
$(packages): makefiles/packages.mk makefiles/setup.sh
	$(quiet)mkdir -p $(@D)
	$(quiet)sh makefiles/setup.sh '$(packages.build) $(packages.tests)' && touch $@
