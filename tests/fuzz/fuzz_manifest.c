/*
 * Manifests: no name leads out of the folder, and what was read is written as it stood.
 */
#include "harness.h"

#include "common/artifact/manifest.h"

#include <string.h>

/* A name is a path below the folder, whoever joins it to one. */
static void check_name(const char *name)
{
    char path[2048];
    size_t depth = 0;
    CHECK(*name && *name != '/' && strlen(name) < sizeof path);
    strcpy(path, name);
    for (char *rest = path, *part; (part = strsep(&rest, "/")); depth++)
        CHECK(*part && strcmp(part, ".") != 0 && strcmp(part, "..") != 0);
    CHECK(depth > 0);
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    Manifest manifest;
    char line[MANIFEST_LINE_BYTES];
    size_t at = 0;
    bool ok = manifest_parse(&manifest, (const char *)bytes, size, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < manifest.count; i++) {
        size_t length = manifest_line(&manifest.entries[i], line);
        const char *end = memchr(bytes + at, '\n', size - at);
        check_name(manifest.entries[i].name);
        CHECK(length < sizeof line && strlen(manifest.entries[i].sha256) == SHA256_HEX_BYTES - 1);
        CHECK(memcmp(line, bytes + at, SHA256_HEX_BYTES) == 0); // a number may have leading zeros
        at = (size_t)(end + 1 - (const char *)bytes);
    }
    CHECK(!ok || at == size);
    manifest_sort(&manifest);
    for (size_t i = 0; ok && i < manifest.count; i++)
        CHECK(manifest_find(&manifest, manifest.entries[i].name));
}

const Harness harness = { "manifest", try, NULL, 16, 1 << 16 };
