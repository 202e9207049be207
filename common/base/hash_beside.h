/*
 * HashBeside: SHA-256 of large blocks, on a thread of its own while the caller does something else with
 * the same bytes, such as writing them.
 *
 * The thread begins with the first block that is worth one; where none can be had, the caller
 * hashes. The digest is the same either way.
 */
#ifndef PODIUM_BASE_HASH_BESIDE_H
#define PODIUM_BASE_HASH_BESIDE_H

#include "common/base/sha256.h"

#include <stddef.h>

typedef struct HashBeside HashBeside;

/* Begin a digest; NULL: no memory. Close it with hash_beside_close. */
HashBeside *hash_beside_open(void);

/* Wait for the thread and end it. NULL: does nothing. */
void hash_beside_close(HashBeside *hash);

/*
 * Add a block, which is hashed while the caller goes on. Waits for the block before it.
 *
 *   bytes  must stay as they are until the next call, whichever it is
 */
void hash_beside_add(HashBeside *hash, const void *bytes, size_t size);

/* The state behind all blocks added so far, for a digest or for more bytes. Waits for them. */
Sha256 hash_beside_state(HashBeside *hash);

#endif
