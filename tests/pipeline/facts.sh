# facts.sh: for pipeline tests, which read it with `.`: a folder that goes away, and facts.
#
#   $here       the root of the repository    $scratch   an empty folder, removed at the end
#   fact NAME COMMAND...                      "ok - NAME" where the command succeeds, else "not ok"
#   facts_end                                 last line of a test: its exit code
# shellcheck shell=sh
set -u
LC_ALL=C
export LC_ALL
export here
here=$(pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
broken=0

fact() {
    fact_name=$1
    shift
    if "$@"; then
        echo "ok - $fact_name"
    else
        echo "not ok - $fact_name"
        broken=1
    fi
}

# same EXPECTED FOUND: whether two texts are equal; shows them where they aren't.
same() {
    [ "$1" = "$2" ] && return 0
    printf 'expected:\n%s\nfound:\n%s\n' "$1" "$2"
    return 1
}

facts_end() {
    exit $broken
}
