#!/bin/sh
# torture.sh: a dozen of the faults of `make torture`, in memory where that can be.
. tests/pipeline/facts.sh
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
    TMPDIR=/dev/shm
    export TMPDIR
fi
sh tests/torture/torture.sh "${O:-build}" 12 1 >"$scratch/said" 2>&1
code=$?
sed 's/^/# /' "$scratch/said"
sed -n 's/^LOST/not ok -/p; s/^ok  /ok -/p' "$scratch/said"
fact "what was disturbed ends as what was not" [ $code -eq 0 ]
facts_end
