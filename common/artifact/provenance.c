#include "common/artifact/provenance.h"
#include "common/artifact/seen.h"
#include "common/base/file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEAL "\n \"seal\": \"" // of the outermost object: what is deeper stands further in
#define SEAL_DIGITS (SHA256_HEX_BYTES - 1)
#define NO_SEAL "0000000000000000000000000000000000000000000000000000000000000000"

static bool provenance_path(char path[1100], const char *artifact, Failure *failure)
{
    if (snprintf(path, 1100, "%s.provenance", artifact) >= 1100)
        return fail(failure, EX_CANTCREAT, "%s: the path is too long", artifact);
    return true;
}

/* Copy the string `name` of an object; fails where it is missing or no string. */
static bool read_string(const char **value, const json_t *object, const char *name,
                        const char *path, Arena *arena, Failure *failure)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (!text)
        return fail(failure, EX_DATAERR, "%s: \"%s\" is missing; not provenance", path, name);
    *value = arena_copy(arena, text, strlen(text), failure);
    return *value != NULL;
}

static bool read_inputs(Provenance *provenance, const json_t *inputs, const char *path,
                        Arena *arena, Failure *failure)
{
    provenance->input_count = json_array_size(inputs);
    if (!arena_array(arena, provenance->inputs, provenance->input_count, failure))
        return false;
    for (size_t i = 0; i < provenance->input_count; i++) {
        const json_t *entry = json_array_get(inputs, i);
        ProvenanceInput *input = &provenance->inputs[i];
        if (!read_string(&input->artifact, entry, "artifact", path, arena, failure)
            || !read_string(&input->kind, entry, "kind", path, arena, failure)
            || !read_string(&input->role, entry, "role", path, arena, failure)
            || !read_string(&input->sha256, entry, "sha256", path, arena, failure))
            return false;
    }
    return true;
}

static bool read_key(Key *key, json_t *fields, const char *path, Arena *arena, Failure *failure)
{
    const char *name;
    json_t *value;
    json_object_foreach(fields, name, value)
    {
        if (!json_is_string(value))
            return fail(failure, EX_DATAERR, "%s: key field \"%s\" is no string", path, name);
        if (!key_append(key, name, json_string_value(value), arena, failure))
            return false;
    }
    key_seal(key);
    return true;
}

static bool read_object(Provenance *provenance, const json_t *root, const char *path, Arena *arena,
                        Failure *failure)
{
    json_int_t format = json_integer_value(json_object_get(root, "format"));
    if (format != PROVENANCE_FORMAT)
        return fail(failure, EX_DATAERR, "%s: format %lld; this version reads %d", path,
                    (long long)format, PROVENANCE_FORMAT);
    provenance->size = (uint64_t)json_integer_value(json_object_get(root, "size"));
    return read_string(&provenance->artifact, root, "artifact", path, arena, failure)
        && read_string(&provenance->kind, root, "kind", path, arena, failure)
        && read_string(&provenance->podium, root, "podium", path, arena, failure)
        && read_string(&provenance->sha256, root, "sha256", path, arena, failure)
        && read_inputs(provenance, json_object_get(root, "inputs"), path, arena, failure)
        && read_key(&provenance->key, json_object_get(root, "key"), path, arena, failure);
}

/* Where the digits of a text's seal begin; `size` where it has none. */
static size_t seal_place(const char *text, size_t size)
{
    const char *found = size ? memmem(text, size, SEAL, strlen(SEAL)) : NULL;
    size_t place = found ? (size_t)(found - text) + strlen(SEAL) : size;
    return size - place > SEAL_DIGITS ? place : size;
}

static void seal_digest(char seal[SHA256_HEX_BYTES], const char *text, size_t size, size_t place)
{
    Sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, text, place);
    sha256_add(&hash, NO_SEAL, SEAL_DIGITS);
    sha256_add(&hash, text + place + SEAL_DIGITS, size - place - SEAL_DIGITS);
    sha256_end(&hash, seal);
}

bool provenance_seal(char *text, size_t size)
{
    char seal[SHA256_HEX_BYTES];
    size_t place = seal_place(text, size);
    if (place == size)
        return false;
    seal_digest(seal, text, size, place);
    memcpy(text + place, seal, SEAL_DIGITS);
    return true;
}

static bool check_seal(const char *text, size_t size, const char *path, Failure *failure)
{
    char seal[SHA256_HEX_BYTES];
    size_t place = seal_place(text, size);
    if (place < size)
        seal_digest(seal, text, size, place);
    return (place < size && memcmp(text + place, seal, SEAL_DIGITS) == 0)
        || fail(failure, EX_DATAERR,
                "%s: was altered, its seal does not match; make its artifact again", path);
}

bool provenance_parse(Provenance *provenance, const char *text, size_t size, const char *path,
                      Arena *arena, Failure *failure)
{
    json_error_t error;
    *provenance = (Provenance){ 0 };
    json_t *root = json_loadb(size ? text : "", size, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return fail(failure, EX_DATAERR, "%s:%d:%d: %s; not provenance", path, error.line,
                    error.column, error.text);
    bool ok = read_object(provenance, root, path, arena, failure)
        && check_seal(text, size, path, failure);
    json_decref(root);
    return ok;
}

bool provenance_read(Provenance *provenance, const char *artifact, Arena *arena, Failure *failure)
{
    char path[1100];
    MappedFile file;
    *provenance = (Provenance){ 0 };
    if (!provenance_path(path, artifact, failure) || !mapped_file_open(&file, path, failure))
        return false;
    bool ok =
        provenance_parse(provenance, (const char *)file.bytes, file.size, path, arena, failure);
    mapped_file_close(&file);
    return ok;
}

static json_t *inputs_json(const Provenance *provenance)
{
    json_t *inputs = json_array();
    for (size_t i = 0; i < provenance->input_count; i++) {
        const ProvenanceInput *input = &provenance->inputs[i];
        json_array_append_new(inputs,
                              json_pack("{s:s, s:s, s:s, s:s}", "artifact", input->artifact, "kind",
                                        input->kind, "role", input->role, "sha256", input->sha256));
    }
    return inputs;
}

static json_t *key_json(const Key *key)
{
    json_t *fields = json_object();
    for (size_t i = 0; i < key->count; i++)
        json_object_set_new(fields, key->fields[i].name, json_string(key->fields[i].value));
    return fields;
}

const char *artifact_name(const char *path)
{
    const char *name = path_name(path);
    if (name == path)
        return path;
    for (name--; name > path && name[-1] != '/'; name--)
        ;
    return *name == '/' ? name + 1 : name;
}

/* The text, a line at its end, sealed; free it. NULL where there is no memory. */
static char *text_of(const Provenance *provenance, const char *artifact)
{
    json_t *root = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:I, s:o, s:o}", "artifact",
                             artifact_name(artifact), "format", PROVENANCE_FORMAT, "kind",
                             provenance->kind, "podium", provenance->podium, "seal", NO_SEAL,
                             "sha256", provenance->sha256, "size", (json_int_t)provenance->size,
                             "inputs", inputs_json(provenance), "key", key_json(&provenance->key));
    char *text = root ? json_dumps(root, JSON_SORT_KEYS | JSON_INDENT(1)) : NULL;
    size_t length = text ? strlen(text) : 0;
    char *line = text ? realloc(text, length + 2) : NULL;
    json_decref(root);
    if (!line) {
        free(text);
        return NULL;
    }
    memcpy(line + length, "\n", 2);
    provenance_seal(line, length + 1);
    return line;
}

bool provenance_write(const Provenance *provenance, const char *artifact, Failure *failure)
{
    char path[1100];
    if (!provenance_path(path, artifact, failure))
        return false;
    char *text = text_of(provenance, artifact);
    AtomicFile file = { .descriptor = -1 };
    bool ok = text ? atomic_file_open(&file, path, failure)
            && atomic_file_write(&file, text, strlen(text), failure)
            && atomic_file_commit(&file, NULL, failure)
                   : fail(failure, EX_OSERR, "%s: out of memory", path);
    atomic_file_discard(&file);
    free(text);
    return ok;
}

bool provenance_describes(const Provenance *provenance, const char *path)
{
    struct stat status;
    char sha256[SHA256_HEX_BYTES];
    Failure none = { 0 };
    return stat(path, &status) == 0 && provenance->size == (uint64_t)status.st_size
        && sha256_of_file(path, sha256, &none) && strcmp(sha256, provenance->sha256) == 0;
}

/* The digest that provenance remembers, where it still describes the file. */
static bool remembered(const char *path, ProvenanceInput *input, Arena *arena)
{
    Provenance provenance;
    Failure none = { 0 };
    if (!provenance_read(&provenance, path, arena, &none)
        || (!seen_is_unchanged(path) && !provenance_describes(&provenance, path)))
        return false;
    input->artifact = provenance.artifact;
    input->kind = provenance.kind;
    input->sha256 = provenance.sha256;
    return true;
}

bool provenance_digest(const char *path, ProvenanceInput *input, Arena *arena, Failure *failure)
{
    char hex[SHA256_HEX_BYTES];
    if (remembered(path, input, arena))
        return true;
    if (!sha256_of_file(path, hex, failure))
        return false;
    input->kind = "file";
    input->artifact = arena_copy(arena, path_name(path), strlen(path_name(path)), failure);
    input->sha256 = arena_copy(arena, hex, SHA256_HEX_BYTES - 1, failure);
    return input->artifact && input->sha256;
}
