#!/bin/sh
# run.sh RESULT check|facts COMMAND...: run a test and keep its facts, one "ok" or "not ok" line
# each, in RESULT and all it said in RESULT.output. It succeeds also where the test fails: others
# are to run too, and count.sh tells.
set -u
result=$1 kind=$2
shift 2
output=$result.output
rm -f "$result" "$output"

if [ "$kind" = check ]; then
    # no test measures time; a busy machine is no failure, and a test that hangs is found all the same
    CK_DEFAULT_TIMEOUT=300 CK_VERBOSITY=normal CK_TAP_LOG_FILE_NAME=$result "$@" >"$output" 2>&1 </dev/null
    code=$?
else
    "$@" >"$output" 2>&1 </dev/null
    code=$?
    grep -E '^(not )?ok( |$)' "$output" >"$result"
fi
# A test that breaks off before it can say what failed has failed all the same.
if [ "$code" -ne 0 ] && ! grep -q '^not ok' "$result" 2>/dev/null; then
    echo "not ok - $* ended with exit code $code" >>"$result"
elif ! grep -q '^ok' "$result" 2>/dev/null; then
    echo "not ok - $* states no fact" >>"$result"
fi
exit 0
