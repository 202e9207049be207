#!/bin/sh
# setup.sh [--print] PACKAGES: install the Debian packages of the list that are missing.
#
# As root, or where sudo asks for no password, with apt-get; else the command is printed and the
# exit code is 69. "a|b": either will do, and the first is what gets installed. --print: only say
# what is missing.
set -u
print=
if [ "$1" = --print ]; then
    print=yes
    shift
fi

installed() {
    dpkg-query -W -f='${Status}\n' "$1" 2>/dev/null | grep -q ' installed$'
}

if ! command -v dpkg-query >/dev/null; then
    echo "setup: no dpkg here; see to it that these, or what they are called here, are there: $1" >&2
    exit 0
fi

missing=
for choices in $1; do
    found=
    for package in $(printf '%s' "$choices" | tr '|' ' '); do
        if installed "$package"; then
            found=yes
            break
        fi
    done
    [ -n "$found" ] || missing="$missing ${choices%%|*}"
done
[ -n "$missing" ] || exit 0

if [ -n "$print" ]; then
    echo "apt-get install --no-install-recommends$missing"
    exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        echo "setup: packages are missing; run as root:" >&2
        echo "    apt-get install --no-install-recommends$missing" >&2
        exit 69
    fi
fi

echo "setup: installing$missing"
install() {
    # shellcheck disable=SC2086 # words on purpose
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $missing </dev/null
}
log=$(mktemp)
if ! install >"$log" 2>&1; then
    # Lists of a fresh machine are empty or old.
    $as_root apt-get update -q </dev/null >>"$log" 2>&1
    if ! install >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        echo "setup: apt-get failed (above); run: apt-get install --no-install-recommends$missing" >&2
        exit 69
    fi
fi
rm -f "$log"
