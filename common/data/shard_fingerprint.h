/*
 * Fingerprint of a shard: what tells its content without reading it.
 *
 * A TFRecord keeps a checksum of each record, so the hash of its framing changes with any byte of the
 * data, as long as data and checksums agree. That they do is for shard_scan to verify.
 *
 *   fingerprint = SHA-256 over each record's length u64 and stored checksum u32, as they stand in
 *                 the file, and over the numbers of records left out; of a compressed shard, over
 *                 the file
 */
#ifndef PODIUM_DATA_SHARD_FINGERPRINT_H
#define PODIUM_DATA_SHARD_FINGERPRINT_H

#include "common/base/sha256.h"

#include <stdint.h>

/* Add a record's framing to a fingerprint that is being made. */
void fingerprint_add(Sha256 *fingerprint, uint64_t length, uint32_t checksum);

/* Add the number of a record that is left out, beside its framing. */
void fingerprint_skip(Sha256 *fingerprint, uint64_t number);

/* How many shards to ask at once: who asks waits for the disk, which answers many side by side. */
#define FINGERPRINT_THREADS 128

/*
 * The fingerprint of a shard with nothing left out, from its framing alone.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: a record is cut off, or its length is damaged
 *   cost     a page a record; a compressed shard is read whole
 */
bool shard_fingerprint(char fingerprint[SHA256_HEX_BYTES], const char *path, Failure *failure);

#endif
