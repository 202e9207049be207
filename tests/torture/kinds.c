#include "kinds.h"

#include <errno.h>
#include <signal.h>

const Kind kinds[] = {
    { "kill -9 of a stage", stop_build, .signal = SIGKILL, .whom = WHOM_SELF, .early = 1 },
    { "kill -9 of make", stop_build, .signal = SIGKILL, .whom = WHOM_MAKE, .early = 1 },
    { "kill -9 of make and a stage", stop_build, .signal = SIGKILL, .whom = WHOM_MAKE_AND_SELF },
    { "kill -9 of all", stop_build, .signal = SIGKILL, .whom = WHOM_GROUP, .early = 1 },
    { "SIGINT to a stage", stop_build, .signal = SIGINT, .whom = WHOM_SELF },
    { "SIGINT to make", stop_build, .signal = SIGINT, .whom = WHOM_MAKE },
    { "SIGINT to all", stop_build, .signal = SIGINT, .whom = WHOM_GROUP, .early = 1 },
    { "SIGTERM to a stage", stop_build, .signal = SIGTERM, .whom = WHOM_SELF },
    { "SIGTERM to make", stop_build, .signal = SIGTERM, .whom = WHOM_MAKE },
    { "SIGTERM to all", stop_build, .signal = SIGTERM, .whom = WHOM_GROUP },
    { "no space, once", fail_call, .error = ENOSPC },
    { "no space from then on", fail_call, .error = ENOSPC, .lasting = 1, .early = 1 },
    { "I/O error, once", fail_call, .error = EIO, .early = 1 },
    { "I/O error from then on", fail_call, .error = EIO, .lasting = 1 },
    { "short writes", write_little },
    { "a full file system", fill_disk },
    { "read-only output", take_rights },
    { "two makes at once", make_twice, .early = 1 },
    { "two makes, other flags", make_twice_otherwise },
    { "shard changes in a scan", change_shard_in_scan },
    { "shard changes in training", change_shard, .early = 1 },
    { "damaged artifact", damage_artifact, .early = 1 },
    { "damaged provenance", damage_provenance },
    { "byte flipped, size and times kept", flip_byte },
    { "damaged cache entry", damage_entry, .early = 1 },
    { "damaged provenance in the cache", damage_entry_provenance },
    { "damaged state of training", damage_state },
    { "clock jumps", jump_clock, .early = 1 },
    { "times of files are others", touch_files },
    { "stamps lost or emptied", lose_stamps },
    { "progress folder lost", lose_progress },
    { "journals left over", leave_journals },
};
const size_t kind_count = sizeof kinds / sizeof *kinds;
