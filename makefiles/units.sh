#!/bin/sh
# units.sh OBJECTS VERSION SOURCE...: write the table of units (common/artifact/unit.h) to stdout.
#
# A unit is one source file: its object's hash, and the units that define what the object leaves
# undefined. `nm` says both; awk joins them.
set -eu
objects=$1
version=$2
shift 2

for source in "$@"; do
    object=$objects/${source%.c}.o
    printf 'unit %s %s\n' "$source" "$(sha256sum "$object" | cut -d ' ' -f 1)"
    nm -g "$object" | sed -n 's/^.* \([A-Za-z]\) \(.*\)$/\1 \2/p'
done | LC_ALL=C awk -v version="$version" '
    BEGIN        { n = 0 }
    $1 == "unit" { path[n] = $2; hash[n] = $3; n++; next }
    $1 == "U"    { needs[n - 1] = needs[n - 1] " " $2; next }
                 { if (!($2 in defines)) defines[$2] = n - 1 }
    END {
        print "#include \"common/artifact/unit.h\""
        for (i = 0; i < n; i++) {
            printf "static const unsigned short uses_%d[] = { ", i
            uses[i] = 0
            split("", seen)
            count = split(needs[i], names, " ")
            for (j = 1; j <= count; j++)
                if (names[j] != "main" && names[j] in defines && !(defines[names[j]] in seen) && defines[names[j]] != i) {
                    seen[defines[names[j]]] = 1
                    printf "%d, ", defines[names[j]]
                    uses[i]++
                }
            print "0 };"
        }
        print "const Unit units[] = {"
        for (i = 0; i < n; i++)
            printf "    { \"%s\", \"%s\", uses_%d, %d },\n", path[i], hash[i], i, uses[i]
        print "};"
        printf "const size_t unit_count = %d;\n", n
        printf "const char podium_version[] = \"%s\";\n", version
    }'
