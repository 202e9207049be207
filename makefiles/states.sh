#!/bin/sh
# states.sh PLAN VOLATILE: say of each artifact of a plan (makefiles/audit.mk) what make would do with it.
#
#   NAME  STATE  SECONDS  PARENTS  REASONS     by tabs; SECONDS of its last run, "-" where there is none
#
#   STATE    current   nothing
#            restore   take it from the cache
#            make      make it
#            after     decide when its parents are made: where their bytes come out the same, nothing
#   REASONS  as --explain says them (common/artifact/explain.h), their tabs as "|", one from the other by ";";
#            of "after" the parents that are waited for
set -u
plan=$1 volatile=$2
tab=$(printf '\t')
waiting=' '
while IFS=$tab read -r name parents artifact command; do
    because=
    for parent in $parents; do
        case $waiting in *" $parent "*) because="$because $parent" ;; esac
    done
    if [ -n "$because" ]; then
        state=after reasons=${because# }
    else
        said=$(eval "$command $volatile --journal '' --explain" </dev/null) || state=broken
        state=$(printf '%s\n' "$said" | sed 1q)
        reasons=$(printf '%s\n' "$said" | sed 1d | tr '\t' '|' | tr '\n' ';')
    fi
    case $state in current | restore | make | after) ;; *) state="make" ;; esac
    [ "$state" = current ] || waiting="$waiting$name "
    seconds=$(sed -n 's/.*"seconds": \([0-9.]*\).*/\1/p' "$artifact.log" 2>/dev/null)
    printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$state" "${seconds:--}" "$parents" "${reasons%;}"
done <"$plan"
