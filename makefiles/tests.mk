# Tests. tests/unit/test_NAME.c is one Check program; it is linked with the library.
unit-test.sources := $(sort $(wildcard tests/unit/test_*.c))
unit-test.names := $(unit-test.sources:tests/unit/test_%.c=%)
unit-test.programs := $(unit-test.names:%=$(O)/tests/%)

$(O)/tests/%: tests/unit/test_%.c $(O)/obj/units.o $(library) $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CPPFLAGS) -Itests $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< $(O)/obj/units.o $(library) $(CHECK_LIBS) $(ALL_LDLIBS)

-include $(unit-test.programs:%=%.d)

test-%: $(O)/tests/%
	$(quiet)$<
