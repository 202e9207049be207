# The compiler, its flags, the packages that the build needs. What a user sets (CC, CFLAGS, ...) is
# never overwritten: it is added last.
CC ?= gcc
CXX ?= g++
AR ?= ar
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
ifeq ($(origin AR),default)
AR := ar
endif
PKG_CONFIG ?= pkg-config
CFLAGS ?=
CPPFLAGS ?=
LDFLAGS ?=
LDLIBS ?=

quiet := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V) $(QUIET)),:,printf '  %-8s %s\n')

# The numerics profile: which instructions the product is compiled for, and so which bits it makes.
march.portable := x86-64-v3
# Native is what is fastest on this CPU, chosen once for an $(O) and recorded there, so that a folder on a shared
# disk keeps its bits on whatever machine it is used next.
ifeq ($(PROFILE),native)
native.record := $(O)/native-profile
native.chosen := $(or $(strip $(file <$(native.record))),$(shell mkdir -p '$(O)'; sh makefiles/kernels.sh))
march.native := $(firstword $(native.chosen))
$(file >$(native.record),$(native.chosen))
else
march.native := native
endif
ifeq ($(march.$(PROFILE)),)
$(error PROFILE=$(PROFILE): must be portable or native)
endif

# Object code is hashed into the keys of steps: no debug information, no line numbers, no folders.
OPTIMIZE := -O3 -g0 -DNDEBUG
ifneq ($(SANITIZE),)
OPTIMIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LINK_SANITIZE := -fsanitize=$(SANITIZE)
# Its objects are other units, so its artifacts have other keys: all of it goes into a folder of its own.
override O := $(O)/sanitize
else
LINK_SANITIZE :=
endif

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wno-missing-field-initializers -Wno-sign-conversion -Wno-float-conversion -Werror
define.portable :=
define.native = -DPODIUM_NATIVE -DPODIUM_KERNELS='"$(word 2,$(native.chosen))"' \
	$(addprefix -DPODIUM_PIECES=,$(word 3,$(native.chosen)))
ALL_CPPFLAGS = -D_GNU_SOURCE $(define.$(PROFILE)) -I. -I$(O)/generated $(CPPFLAGS)
ALL_CFLAGS = -std=c11 $(OPTIMIZE) -march=$(march.$(PROFILE)) -fopenmp -fno-math-errno -fno-trapping-math -ffp-contract=off \
	$(map.folders) $(WARNINGS) $(CFLAGS)
# Where the clone lies must not enter an object; so it isn't among the flags that objects depend on.
map.folders = -ffile-prefix-map=$(CURDIR)=.
ALL_LDFLAGS = -fopenmp -Wl,--as-needed $(LINK_SANITIZE) $(LDFLAGS)
ALL_LDLIBS = -ljansson -lcsv -lisal -lz -lcrypto -ldl -lm $(LDLIBS)
