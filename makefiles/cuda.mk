# The CUDA side: a plugin that programs load only when a step runs on a GPU (common/tensor/load.h), so the
# same programs serve machines with and without one. It is built where nvcc is; CUDA=0 leaves it out.
## CUDA=0              build nothing for GPUs, also where nvcc is
CUDA ?= 1
CUDA_HOME ?= /usr/local/cuda
NVCC ?= $(firstword $(shell command -v nvcc 2>/dev/null) $(wildcard $(CUDA_HOME)/bin/nvcc))
NVCCFLAGS ?=
# Native code for each of these that the toolkit still knows, and PTX of the last one for what comes later.
CUDA_ARCHS ?= 70 75 80 86 89 90
cuda.home = $(patsubst %/bin/nvcc,%,$(NVCC))

cuda.sources := $(sort $(wildcard common/tensor/cuda/*.cu common/tensor/ops/*.cu))
cuda.ops := $(patsubst common/tensor/ops/%.cu,%,$(filter common/tensor/ops/%,$(cuda.sources)))
cuda.objects := $(cuda.sources:%.cu=$(O)/cuda/%.o) $(O)/cuda/registry.o $(O)/cuda/units.o
cuda.plugin := $(O)/lib/podium-cuda.so

# The registry of kernels, as that of models: a file in ops/ is its own registration.
cuda.registry = \#include "common/tensor/cuda/kernel.cuh"\n\n$(foreach \
	op,$(cuda.ops),extern const CudaOp cuda_op_$(op);\n)\nextern const CudaOp *const cuda_ops[] = {\n$(foreach \
	op,$(cuda.ops),    &cuda_op_$(op),\n)    nullptr,\n};\n
$(O)/cuda/registry.cu: always
	$(quiet)mkdir -p $(@D)
	$(quiet)$(call replace,printf '$(cuda.registry)')

# A sanitizer's programs load no plugin: it would have to be built for the sanitizer too.
cuda.wanted := $(if $(filter 0,$(CUDA))$(SANITIZE),,$(NVCC))
ifneq ($(cuda.wanted),)
all: $(cuda.plugin)
else
all: | $(O)/obj/no-cuda
endif

$(O)/obj/no-cuda:
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CUDA '$(if $(filter 0,$(CUDA)),CUDA=0,$(if $(SANITIZE),a sanitizer,no nvcc)): programs are built for the CPU, which is whole'
	$(quiet)touch $@

# What the toolkit is, and which chips it knows: asked once for each nvcc.
$(O)/cuda/toolkit: $(NVCC)
	$(quiet)mkdir -p $(@D)
	$(quiet){ $(NVCC) --version | sed -n 's/.*\(release .*\)/\1/p'; $(NVCC) --list-gpu-code; } > $@.$$$$ && mv -f $@.$$$$ $@

cuda.flags = -std=c++17 -O3 -I. $(NVCCFLAGS) -Xcompiler -fPIC,-Wall,-Wextra,-Wno-missing-field-initializers -Werror all-warnings
$(O)/cuda/flags: $(O)/cuda/toolkit always
	$(quiet)$(call replace,sh makefiles/cuda-flags.sh $(O)/cuda/toolkit $(CUDA_ARCHS); printf '%s\n' '$(NVCC) $(cuda.flags)')

nvcc.compile = $(NVCC) $$(sed -n 1p $(O)/cuda/flags) $(cuda.flags) -MMD -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$.o $< && mv -f $@.$$$$.o $@
$(O)/cuda/%.o: %.cu $(O)/cuda/flags | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) NVCC $<
	$(quiet)$(nvcc.compile)

$(O)/cuda/registry.o $(O)/cuda/units.o: $(O)/cuda/%.o: $(O)/cuda/%.cu $(O)/cuda/flags | $(packages)
	$(quiet)$(nvcc.compile)

# What each file of the plugin is in a step's key.
$(O)/cuda/units.cu: makefiles/cuda-units.sh $(O)/cuda/flags $(cuda.sources:%.cu=$(O)/cuda/%.o)
	$(quiet)CC='$(CC)' sh makefiles/cuda-units.sh $(O)/cuda $(cuda.sources) > $@.$$$$ && mv -f $@.$$$$ $@

$(cuda.plugin): $(cuda.objects)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) LINK $@
	$(quiet)$(NVCC) $$(sed -n 1p $(O)/cuda/flags) -shared -o $@.$$$$ $^ -lcublasLt \
		-Xlinker -rpath=$(cuda.home)/lib64 -Xlinker --exclude-libs=ALL && mv -f $@.$$$$ $@

-include $(cuda.sources:%.cu=$(O)/cuda/%.d)

# Where steps compute. What auto is, is decided once for an $(O) and recorded, so that a folder keeps its bits
# on whatever machine it is used next; what is said on the command line wins, and changes the steps' keys.
## DEVICE=auto         where heavy steps compute: cpu, cuda, or auto: a GPU if there was one when O was begun
DEVICE ?= auto
## PRECISION=float32   of products on a GPU; or tf32, bf16: faster, other bits
PRECISION ?= float32
ifeq ($(filter auto cpu cuda,$(DEVICE)),)
$(error DEVICE=$(DEVICE): must be auto, cpu or cuda)
endif
device.record := $(O)/device
device := $(if $(filter auto,$(DEVICE)),$(strip $(file <$(device.record))),$(DEVICE))
ifeq ($(device),)
device := $(if $(and $(cuda.wanted),$(wildcard /dev/nvidia[0-9] /dev/dxg)),cuda,cpu)
# What only looks or compiles decides nothing.
ifneq ($(filter-out all programs help list doctor setup test% check lint% clean distclean cuda install% uninstall dist bench% fuzz% $(O)/%,$(or $(MAKECMDGOALS),help)),)
$(shell mkdir -p '$(O)')
$(file >$(device.record),$(device))
ifeq ($(device),cpu)
$(info DEVICE=auto: $(if $(cuda.wanted),no GPU here,$(if $(filter 0,$(CUDA)),CUDA=0,no nvcc here)), so steps in $(O) compute on the CPU)
endif
endif
endif
programs: $(if $(filter cuda,$(device)),$(cuda.plugin))
device.options := $(if $(filter cuda,$(device)),--device cuda$(if $(filter-out float32,$(PRECISION)), --precision $(PRECISION)))

# The same sources compiled for the CPU by a C++ compiler, over an emulation of CUDA: for tests alone.
emulated.sources := $(cuda.sources) $(sort $(wildcard tests/cuda/emulation/*.cc))
emulated.objects := $(patsubst %,$(O)/emulated/%.o,$(basename $(emulated.sources))) $(O)/emulated/registry.o
emulated.plugin := $(O)/tests/podium-cuda-emulated.so
emulated.compile = $(CXX) -x c++ -std=c++17 -O1 -g0 -fPIC -D_GNU_SOURCE -Wall -Wextra -Wno-missing-field-initializers -Werror \
	-I. -Itests/cuda/emulation -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ $< && mv -f $@.$$$$ $@
$(O)/emulated/registry.o: $(O)/cuda/registry.cu
	$(quiet)mkdir -p $(@D)
	$(quiet)$(emulated.compile)
$(O)/emulated/%.o: %.cu | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CXX '$< (emulated)'
	$(quiet)$(emulated.compile)
$(O)/emulated/%.o: %.cc | $(packages)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) CXX $<
	$(quiet)$(emulated.compile)
$(emulated.plugin): $(emulated.objects)
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CXX) -shared -o $@.$$$$ $^ && mv -f $@.$$$$ $@

-include $(emulated.objects:.o=.d)

cuda: $(cuda.plugin) ## build the CUDA plugin alone
.PHONY: cuda
