#!/bin/sh
# podium NAME [OPTION]...: run one of Podium's stages.
OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
export OMP_WAIT_POLICY
stages=${PODIUM_STAGES:-@libexecdir@}
name=${1-}
case $name in
'' | -h | --help | help)
    echo "usage: podium NAME [OPTION]...; podium NAME --help says what NAME takes. NAME is one of:"
    for stage in "$stages"/*; do
        printf '  %-12s %s\n' "${stage##*/}" "$("$stage" --help | sed -n 2p)"
    done
    exit 0
    ;;
--version)
    echo "podium @version@"
    exit 0
    ;;
esac
case $name in
*/* | .*) ;;
*)
    shift
    [ -x "$stages/$name" ] && exec "$stages/$name" "$@"
    ;;
esac
echo "podium: $name: no such stage; see podium --help" >&2
exit 64
