#include "common/data/shard_fingerprint.h"
#include "common/data/tfrecord.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where two records meet: the checksum that ends one, the head of the next. */
#define SEAM_BYTES (TFRECORD_TAIL_BYTES + TFRECORD_HEAD_BYTES)

typedef struct Framing {
    const char *path;
    int descriptor;
    uint64_t size;
    uint8_t seam[SEAM_BYTES];
} Framing;

void fingerprint_add(Sha256 *fingerprint, uint64_t length, uint32_t checksum)
{
    sha256_add(fingerprint, &length, sizeof length);
    sha256_add(fingerprint, &checksum, sizeof checksum);
}

void fingerprint_skip(Sha256 *fingerprint, uint64_t number)
{
    sha256_add(fingerprint, "skipped", 7);
    sha256_add(fingerprint, &number, sizeof number);
}

/* Read bytes of the file that it has; a page by a call costs a tenth of what mapping it does. */
static bool read_at(const Framing *framing, uint8_t *bytes, size_t size, uint64_t offset,
                    Failure *failure)
{
    while (size > 0) {
        ssize_t count = pread(framing->descriptor, bytes, size, (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_errno(failure, EX_IOERR, "%s", framing->path);
        if (count == 0)
            return fail(failure, EX_TEMPFAIL, "%s: became shorter while it was read; run again",
                        framing->path);
        bytes += count;
        offset += (uint64_t)count;
        size -= (size_t)count;
    }
    return true;
}

/* Read what the file has of the seam before the record at an offset. */
static bool read_seam(Framing *framing, uint64_t offset, Failure *failure)
{
    size_t tail = offset ? TFRECORD_TAIL_BYTES : 0;
    uint64_t left = framing->size - offset;
    size_t head = left < TFRECORD_HEAD_BYTES ? (size_t)left : TFRECORD_HEAD_BYTES;
    return read_at(framing, framing->seam + TFRECORD_TAIL_BYTES - tail, tail + head, offset - tail,
                   failure);
}

/* Add the record whose head is in the seam, and go on to the seam behind it. */
static bool add_record(Framing *framing, Sha256 *hash, Record *record, Failure *failure)
{
    uint32_t checksum;
    if (!tfrecord_length(record, framing->seam + TFRECORD_TAIL_BYTES,
                         framing->size - record->offset, framing->path, failure))
        return false;
    record->offset += TFRECORD_HEAD_BYTES + record->size + TFRECORD_TAIL_BYTES;
    record->number++;
    if (!read_seam(framing, record->offset, failure))
        return false;
    memcpy(&checksum, framing->seam, sizeof checksum);
    fingerprint_add(hash, record->size, checksum);
    return true;
}

static bool hash_framing(char fingerprint[SHA256_HEX_BYTES], Framing *framing, Failure *failure)
{
    Sha256 hash;
    Record record = { 0 };
    TfrecordCompression compression;
    if (!read_seam(framing, 0, failure))
        return false;
    tfrecord_recognize(framing->seam + TFRECORD_TAIL_BYTES,
                       framing->size < TFRECORD_HEAD_BYTES ? framing->size : TFRECORD_HEAD_BYTES,
                       &compression);
    if (compression != TFRECORD_PLAIN)
        return sha256_of_file(framing->path, fingerprint, failure);
    sha256_begin(&hash);
    while (record.offset < framing->size)
        if (!add_record(framing, &hash, &record, failure))
            return false;
    sha256_end(&hash, fingerprint);
    return true;
}

bool shard_fingerprint(char fingerprint[SHA256_HEX_BYTES], const char *path, Failure *failure)
{
    struct stat status;
    Framing framing = { .path = path, .descriptor = open(path, O_RDONLY | O_CLOEXEC) };
    if (framing.descriptor < 0)
        return fail_errno(failure, EX_NOINPUT, "%s", path);
    bool ok = fstat(framing.descriptor, &status) == 0 || fail_errno(failure, EX_IOERR, "%s", path);
    framing.size = ok ? (uint64_t)status.st_size : 0;
    posix_fadvise(framing.descriptor, 0, 0, POSIX_FADV_RANDOM); // what lies between is not wanted
    ok = ok && hash_framing(fingerprint, &framing, failure);
    close(framing.descriptor);
    return ok;
}
