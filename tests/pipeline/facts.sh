# facts.sh: for pipeline tests, which read it with `.`: a folder that goes away, and facts.
#
#   $here       the root of the repository    $scratch   an empty folder, removed at the end
#   fact NAME COMMAND...                      "ok - NAME" where the command succeeds, else "not ok"
#   refused CODE TEXT COMMAND...      whether the command exits with CODE, says one line that has TEXT, and
#                                     leaves no file in the folder `made` but what scans and stops leave
#   reseal FILE                               seal provenance again after an edit, as a forger would
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

refused() {
    code=$1 text=$2
    shift 2
    rm -rf made
    "$@" >out 2>said
    found=$?
    if [ "$found" -ne "$code" ] || [ "$(wc -l <said)" -ne 1 ] || ! grep -qF -- "$text" said; then
        printf 'expected %s and "%s"; found %s and:\n' "$code" "$text" "$found"
        cat said
        return 1
    fi
    [ -z "$(find made -type f ! -name '*.scan' ! -name '*events' 2>/dev/null)" ] || {
        find made
        return 1
    }
}

reseal() {
    sed -i 's/^ "seal": "[0-9a-f]*"/ "seal": "0000000000000000000000000000000000000000000000000000000000000000"/' "$1"
    sed -i "s/^ \"seal\": \"0*\"/ \"seal\": \"$(sha256sum <"$1" | cut -d ' ' -f 1)\"/" "$1"
}

facts_end() {
    exit $broken
}
