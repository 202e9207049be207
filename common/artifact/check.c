#include "common/artifact/check.h"
#include "common/artifact/manifest.h"
#include "common/artifact/provenance.h"
#include "common/artifact/seen.h"

#include <string.h>
#include <unistd.h>

const char *artifact_state_word(ArtifactState state)
{
    static const char *const words[] = { "intact", "missing", "altered", "unvouched" };
    return words[state];
}

static ArtifactState check_file(const char *path, const char *expected)
{
    char sha256[SHA256_HEX_BYTES];
    Failure none = { 0 };
    if (access(path, F_OK) != 0)
        return ARTIFACT_MISSING;
    return sha256_of_file(path, sha256, &none) && strcmp(sha256, expected) == 0 ? ARTIFACT_INTACT
                                                                                : ARTIFACT_ALTERED;
}

/* The files that X.manifest names, in the folder X. */
static ArtifactState check_files(const char *path, const char **file, Arena *arena)
{
    Manifest manifest;
    Failure none = { 0 };
    int root = (int)(strlen(path) - strlen(MANIFEST_ENDING));
    if (!manifest_read(&manifest, path, arena, &none))
        return ARTIFACT_ALTERED;
    for (size_t i = 0; i < manifest.count; i++) {
        const ManifestEntry *entry = &manifest.entries[i];
        char *name = arena_format(arena, &none, "%.*s/%s", root, path, entry->name);
        ArtifactState state = name ? check_file(name, entry->sha256) : ARTIFACT_ALTERED;
        if (state != ARTIFACT_INTACT) {
            *file = name;
            return state;
        }
    }
    return ARTIFACT_INTACT;
}

static ArtifactState check_all(const char *path, const char **file, Arena *arena)
{
    Provenance provenance;
    Failure none = { 0 };
    *file = path;
    if (access(path, F_OK) != 0)
        return ARTIFACT_MISSING;
    if (!provenance_read(&provenance, path, arena, &none))
        return ARTIFACT_UNVOUCHED;
    ArtifactState state = check_file(path, provenance.sha256);
    return state == ARTIFACT_INTACT && manifest_is_name(path) ? check_files(path, file, arena)
                                                              : state;
}

ArtifactState artifact_check(const char *path, bool quick, const char **file, Arena *arena)
{
    *file = NULL;
    if (quick && seen_is_unchanged(path))
        return ARTIFACT_INTACT;
    Seen seen = seen_look(path, arena);
    ArtifactState state = check_all(path, file, arena);
    if (state != ARTIFACT_INTACT)
        return state;
    *file = NULL;
    if (!seen.fresh)
        seen_keep(path, seen);
    return ARTIFACT_INTACT;
}
