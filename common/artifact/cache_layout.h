/*
 * CacheLayout: where a cache keeps what.
 *
 *   FOLDER/HH/KEYHASH.OUTPUT.provenance  what the output OUTPUT of the step with this key is: its
 *                                        provenance. Its time is that of its last use.
 *   FOLDER/HH/SHA256.file                bytes by their digest; they may be those of several outputs
 *   FOLDER/pins/NAME.pin                 keys that a recipe stands for (cache_pin.h)
 *   FOLDER/entered.log, makes.log        how much is in it, about; what makes found (cache_log.h)
 *
 * HH are the first two digits. Subfolders are as open to other users as FOLDER itself, and what is
 * in them can be read by whoever can read it.
 */
#ifndef PODIUM_ARTIFACT_CACHE_LAYOUT_H
#define PODIUM_ARTIFACT_CACHE_LAYOUT_H

#include "common/base/failure.h"

#define CACHE_PATH_BYTES 1200
#define CACHE_NAME_BYTES 160

/* The path of an action: what a key's output is. */
void cache_action_path(char path[CACHE_PATH_BYTES], const char *folder, const char *key_hash,
                       const char *output);

/* The path of bytes. */
void cache_content_path(char path[CACHE_PATH_BYTES], const char *folder, const char *sha256);

/* Whether a text is a digest, and so safe in a path: 64 lower-case hex digits. */
bool cache_is_digest(const char *text);

typedef enum CacheName {
    CACHE_NAME_OTHER,     // not ours, or too new: never touched
    CACHE_NAME_ACTION,    // KEYHASH.OUTPUT.provenance
    CACHE_NAME_CONTENT,   // SHA256.file
    CACHE_NAME_TEMPORARY, // one of these that somebody is writing, or was writing when killed
} CacheName;

/* What a file's name in a subfolder says of it. */
CacheName cache_name_of(const char *name);

/* Make the subfolder that `path` lies in, as open to others as the cache's own folder. */
bool cache_subfolder_make(const char *folder, const char *path);

/* Let whoever can read the cache read a file of ours; `writable`: and renew its time. */
void cache_share(const char *folder, const char *path, bool writable);

#endif
