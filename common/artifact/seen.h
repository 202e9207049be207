/*
 * Seen: what an artifact's files looked like when their bytes were last known to be right, so that
 * they need not be hashed again while they look the same: X.seen, a volatile text file.
 *
 *   line 1   podium-seen 1 COUNT
 *   others   DEVICE INODE SIZE MTIME_NS CTIME_NS NAME    of X, its provenance, and the files that
 *                                                        X.manifest names; NAME from X's folder on
 *
 * A file that is missing or unreadable only costs time.
 */
#ifndef PODIUM_ARTIFACT_SEEN_H
#define PODIUM_ARTIFACT_SEEN_H

#include "common/base/arena.h"

/* Whether all of an artifact's files look as they did when it was last remembered. */
bool seen_is_unchanged(const char *artifact);

/*
 * How an artifact's files look now. Look before their bytes are checked and keep it after, so that a
 * change in between shows.
 *
 *   text   borrowed from the arena; NULL: a file is missing
 *   fresh  a file changed just now, so that one more change might not show
 */
typedef struct Seen {
    const char *text;
    bool fresh;
} Seen;
Seen seen_look(const char *artifact, Arena *arena);

/*
 * Remember it. To be called by who knows that the bytes are those that provenance and manifest say:
 * who wrote them, or hashed them and found nothing fresh.
 */
void seen_keep(const char *artifact, Seen seen);

/* Forget it. */
void seen_forget(const char *artifact);

#endif
