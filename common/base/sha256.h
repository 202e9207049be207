/*
 * SHA-256 (FIPS 180-4), through OpenSSL, which uses the CPU's own instructions.
 */
#ifndef PODIUM_BASE_SHA256_H
#define PODIUM_BASE_SHA256_H

#include "common/base/failure.h"

#include <openssl/sha.h>

#define SHA256_HEX_BYTES 65 // 64 digits and the zero byte

typedef struct Sha256 {
    SHA256_CTX state;
} Sha256;

void sha256_begin(Sha256 *hash);
void sha256_add(Sha256 *hash, const void *bytes, size_t size);

/* The digest of all that was added, as lower-case hex. The hash must be begun again after it. */
void sha256_end(Sha256 *hash, char hex[SHA256_HEX_BYTES]);

/* The digest of one block of bytes. */
void sha256_of(const void *bytes, size_t size, char hex[SHA256_HEX_BYTES]);

/* The digest of a file's bytes. EX_NOINPUT: can't be opened. EX_IOERR: can't be read. */
bool sha256_of_file(const char *path, char hex[SHA256_HEX_BYTES], Failure *failure);

#endif
