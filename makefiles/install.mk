# Install, and take away again: stages under libexec/podium, behind one command; recipes and papers
# of the project under share/podium.
## prefix=dir          where to install (/usr/local)
prefix ?= /usr/local
## DESTDIR=dir         to install into as if it were the root
DESTDIR ?=
bindir := $(DESTDIR)$(prefix)/bin
libexecdir := $(DESTDIR)$(prefix)/libexec/podium
sharedir := $(DESTDIR)$(prefix)/share/podium

.PHONY: install uninstall installcheck dist distclean artifacts-clean
install: all ## install programs behind the command `podium NAME`
	$(quiet)install -d '$(bindir)' '$(libexecdir)' '$(sharedir)'
	$(quiet)install -m 755 $(programs) $(if $(cuda.wanted),$(cuda.plugin)) '$(libexecdir)'
	$(quiet)sed -e 's|@libexecdir@|$(prefix)/libexec/podium|' -e "s|@version@|$$(cat VERSION)|" makefiles/podium.sh >'$(bindir)/podium'
	$(quiet)chmod 755 '$(bindir)/podium'
	$(quiet)install -m 644 $(wildcard submissions/*.mk LICENSE README.md DESIGN.md) '$(sharedir)'

uninstall: ## take away what install put there
	$(quiet)rm -f '$(bindir)/podium'
	$(quiet)rm -rf '$(libexecdir)' '$(sharedir)'

installcheck: ## whether what was installed runs
	$(quiet)for stage in $(stages); do '$(libexecdir)'/$$stage --version || exit 1; done

version = $(shell cat VERSION)
dist: ## pack $(O)/podium-VERSION.tar.gz, of what is committed: the same bytes for the same commit
	$(quiet)mkdir -p $(O)
	$(quiet)git archive --format=tar --prefix=podium-$(version)/ HEAD | gzip -9n >$(O)/podium-$(version).tar.gz.new
	$(quiet)mv $(O)/podium-$(version).tar.gz.new $(O)/podium-$(version).tar.gz
	$(quiet)echo "$(O)/podium-$(version).tar.gz"

## YES=1               artifacts-clean doesn't ask
YES ?=
sure = test '$(YES)' = 1 || { printf 'Remove %s? [y/N] ' '$1'; read -r answer && test "$$answer" = y; } || { echo "kept"; exit 1; }
artifacts-clean: ## remove what was trained and made, and its cache; asks first
	$(quiet)$(call sure,$(submissions) $(progress-folder) $(CACHE))
	$(quiet)rm -rf $(submissions) $(progress-folder) $(CACHE)

distclean: ## remove everything that was made, artifacts too
	$(quiet)rm -rf $(O)
