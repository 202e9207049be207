// The one-shot calls need no provider, which costs milliseconds.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "common/base/sha256.h"
#include "common/base/file.h"

void sha256_begin(Sha256 *hash)
{
    SHA256_Init(&hash->state);
}

void sha256_add(Sha256 *hash, const void *bytes, size_t size)
{
    SHA256_Update(&hash->state, bytes, size);
}

void sha256_end(Sha256 *hash, char hex[SHA256_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_Final(digest, &hash->state);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * sizeof digest] = 0;
}

void sha256_of(const void *bytes, size_t size, char hex[SHA256_HEX_BYTES])
{
    Sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, bytes, size);
    sha256_end(&hash, hex);
}

bool sha256_of_file(const char *path, char hex[SHA256_HEX_BYTES], Failure *failure)
{
    MappedFile file;
    if (!mapped_file_open(&file, path, failure))
        return false;
    sha256_of(file.bytes, file.size, hex);
    mapped_file_close(&file);
    return true;
}
