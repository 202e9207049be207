# Gradient checks run in double precision: the library again, with real = double. tests/gradient/test_NAME.c
# is one Check program each.
gradient-test.sources := $(sort $(wildcard tests/gradient/test_*.c))
gradient-test.names := $(gradient-test.sources:tests/gradient/test_%.c=%)
gradient-test.programs := $(gradient-test.names:%=$(O)/tests/gradient/%)
double.objects := $(library.sources:%.c=$(O)/double/%.o) $(O)/double/registry.o

$(O)/double/%.o: %.c $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(say) 'CC double' $<
	$(quiet)$(CC) $(ALL_CPPFLAGS) -DPODIUM_DOUBLE $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/double/registry.o: $(O)/obj/registry.c $(O)/obj/flags
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CPPFLAGS) -DPODIUM_DOUBLE $(ALL_CFLAGS) -c -o $@ $<

$(O)/double/libpodium.a: $(double.objects)
	$(quiet)rm -f $@
	$(quiet)$(AR) crD $@ $^

$(O)/tests/gradient/%: tests/gradient/test_%.c $(O)/obj/units.o $(O)/double/libpodium.a
	$(quiet)mkdir -p $(@D)
	$(quiet)$(CC) $(ALL_CPPFLAGS) -Itests -DPODIUM_DOUBLE $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
		tests/gradient/gradient_check.c $(O)/obj/units.o $(O)/double/libpodium.a $(CHECK_LIBS) $(ALL_LDLIBS)

-include $(double.objects:.o=.d) $(gradient-test.programs:%=%.d)

gradient-%: $(O)/tests/gradient/%
	$(quiet)$<
