/*
 * Provenance: the canonical JSON that stands beside each artifact X as X.provenance.
 *
 *   { "artifact": "video-baseline/moe.safetensors",  the last two parts of its path
 *     "format": 2, "kind": "checkpoint", "podium": VERSION,
 *     "inputs": [ { "artifact", "kind", "role", "sha256" }, ... ],
 *     "key": { field: value, ... },
 *     "seal", "sha256", "size" }
 *
 * The seal is the SHA-256 of the text itself with zeros in the seal's place: provenance that was
 * altered, by whatever byte, is none.
 *
 * Nothing volatile is in it: the same recipe gives the same bytes on any machine, in any folder.
 */
#ifndef PODIUM_ARTIFACT_PROVENANCE_H
#define PODIUM_ARTIFACT_PROVENANCE_H

#include "common/artifact/key.h"
#include "common/base/file_status.h"

#include <stdint.h>

#define PROVENANCE_FORMAT 2

typedef struct ProvenanceInput {
    const char *artifact; // its name in its own provenance, or the file's name
    const char *kind;     // of it, as its own provenance says; "file" where it has none
    const char *role;     // the option that named it
    const char *sha256;   // of its content
    const char *path;     // where a stage has it from; NULL: no file of its own. Not in provenance
    FileStatus status;    // when it was digested; not in provenance
} ProvenanceInput;

typedef struct Provenance {
    const char *artifact, *kind, *podium, *sha256;
    uint64_t size; // bytes of the artifact
    ProvenanceInput *inputs;
    size_t input_count;
    Key key; // sealed
} Provenance;

/*
 * Read PATH.provenance, all of it into the arena.
 *
 *   failure  EX_NOINPUT: there is none. EX_DATAERR: not provenance, altered, or of another format.
 */
bool provenance_read(Provenance *provenance, const char *path, Arena *arena, Failure *failure);

/* The same from text; `path` is what messages call it. */
bool provenance_parse(Provenance *provenance, const char *text, size_t size, const char *path,
                      Arena *arena, Failure *failure);

/* Seal a text of provenance anew, in place; whether it has room for a seal. */
bool provenance_seal(char *text, size_t size);

/* Write PATH.provenance, atomically; "artifact" is taken from the path. */
bool provenance_write(const Provenance *provenance, const char *path, Failure *failure);

/* Whether a file has the size and the bytes that its provenance says; hashes it. */
bool provenance_describes(const Provenance *provenance, const char *path);

/* The last two parts of an artifact's path: recipe and file. */
const char *artifact_name(const char *path);

/*
 * The hash of a file's content: from its provenance where the file looks as it did when that was
 * checked last, else by reading it all.
 */
bool provenance_digest(const char *path, ProvenanceInput *input, Arena *arena, Failure *failure);

#endif
