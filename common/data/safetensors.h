/*
 * Safetensors: named arrays in one file, read by mapping and written as a stream.
 *
 *   file   = N u64 little-endian | header u8 [N] | data
 *   header = { "__metadata__": { name: text, ... },
 *              name: { "dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end] }, ... }
 * blanks
 *
 * Offsets count from the start of the data, which has no holes, overlaps or trailing bytes.
 * What is written here is canonical: tensors by element size descending, then by name; metadata by
 * name; blanks until the data is aligned to 8 bytes. Equal content gives equal bytes.
 *
 * Source: huggingface/safetensors, README.md, "Format"; spec/build, last paragraph.
 */
#ifndef PODIUM_DATA_SAFETENSORS_H
#define PODIUM_DATA_SAFETENSORS_H

#include "common/base/file.h"

#define SAFETENSORS_MOST_AXES 8
#define SAFETENSORS_MOST_HEADER_BYTES 100000000 // the format's own limit

typedef enum StoredType {
    STORED_BOOL,
    STORED_U8,
    STORED_I8,
    STORED_F8_E4M3,
    STORED_F8_E5M2,
    STORED_U16,
    STORED_I16,
    STORED_F16,
    STORED_BF16,
    STORED_U32,
    STORED_I32,
    STORED_F32,
    STORED_U64,
    STORED_I64,
    STORED_F64,
} StoredType;

/* The format's word for a type ("F32"), and the bytes of one element. */
const char *stored_type_name(StoredType type);
size_t stored_type_bytes(StoredType type);

/* A named array in a file. */
typedef struct StoredTensor {
    const char *name;
    StoredType type;
    size_t axes; // 0: a single value
    uint64_t shape[SAFETENSORS_MOST_AXES];
    uint64_t count;    // elements
    uint64_t size;     // bytes
    uint64_t offset;   // of its first byte in the data
    const void *bytes; // aligned to the element; see safetensors_open and safetensors_declare
} StoredTensor;

typedef struct StoredText {
    const char *name, *value;
} StoredText;

/* A file that is open for reading. */
typedef struct SafetensorsReader {
    const char *path; // borrowed
    MappedFile file;
    StoredTensor *tensors; // sorted by name
    size_t count;
    StoredText *metadata; // sorted by name
    size_t metadata_count;
} SafetensorsReader;

/*
 * Map a file and check all of its header. Close it with safetensors_close.
 *
 *   reader   names and tables live in the arena. A tensor's bytes lie in the mapping; only where a
 *            foreign writer did not align them are they copied to the arena.
 *   failure  EX_NOINPUT: can't be opened. EX_DATAERR: not safetensors, or damaged: says the byte or
 *            the tensor
 */
bool safetensors_open(SafetensorsReader *reader, const char *path, Arena *arena, Failure *failure);
void safetensors_close(SafetensorsReader *reader);

/* The same for bytes in memory, which must outlive the reader. Needs no close. */
bool safetensors_of_bytes(SafetensorsReader *reader, const char *name, const void *bytes,
                          size_t size, Arena *arena, Failure *failure);

/* The tensor of that name, or NULL. */
const StoredTensor *safetensors_find(const SafetensorsReader *reader, const char *name);

/*
 * The bytes of a tensor that must be there with this type and this many elements.
 *
 *   count    SAFETENSORS_ANY: any number
 *   returns  NULL with EX_DATAERR where it is missing or another; a tensor without elements gives a
 *            pointer that must not be read
 */
const void *safetensors_array(const SafetensorsReader *reader, const char *name, StoredType type,
                              uint64_t count, Failure *failure);
#define SAFETENSORS_ANY UINT64_MAX

/* Whether an open file has a digest of that name, and the bytes that it is of. EX_DATAERR. */
bool safetensors_check_digest(const SafetensorsReader *reader, const char *name, Failure *failure);

/* The metadata of that name, or NULL. */
const char *safetensors_metadata(const SafetensorsReader *reader, const char *name);

/* A file being written: declare everything, start, write the data in canonical order, finish. */
typedef struct SafetensorsWriter {
    Arena *arena; // where the tables live
    StoredTensor *tensors;
    size_t count, capacity;
    StoredText *metadata;
    size_t metadata_count, metadata_capacity;
    AtomicFile *file;
    size_t next;                   // the tensor whose turn it is
    uint64_t written;              // bytes of it written so far
    char digest[SHA256_HEX_BYTES]; // of safetensors_declare_digest
} SafetensorsWriter;

/* Begin with { .arena = arena }, or with this. */
static inline SafetensorsWriter safetensors_writer(Arena *arena)
{
    return (SafetensorsWriter){ .arena = arena };
}

/*
 * Declare a tensor.
 *
 *   bytes    its data, borrowed until safetensors_finish, which writes it; NULL: the caller will
 *            write it with safetensors_write
 *   failure  EX_SOFTWARE: a name twice, or a size that overflows
 */
bool safetensors_declare(SafetensorsWriter *writer, const char *name, StoredType type, size_t axes,
                         const uint64_t shape[], const void *bytes, Failure *failure);

/* Declare a vector: one axis. */
bool safetensors_declare_vector(SafetensorsWriter *writer, const char *name, StoredType type,
                                uint64_t count, const void *bytes, Failure *failure);

/*
 * Declare a vector of U8, the SHA-256 in hex of all bytes before it. It must come last: no other tensor
 * has elements as small and a later name.
 */
bool safetensors_declare_digest(SafetensorsWriter *writer, const char *name, Failure *failure);

/* Add an entry of metadata. Both texts are copied. EX_SOFTWARE: a name twice. */
bool safetensors_note(SafetensorsWriter *writer, const char *name, const char *value,
                      Failure *failure);

/* Write the header. Nothing can be declared after it. */
bool safetensors_start(SafetensorsWriter *writer, AtomicFile *file, Failure *failure);

/*
 * Append to the tensor `name`, whose turn it must be: by element size descending, then by name.
 * EX_SOFTWARE: it is another's turn, or there are more bytes than were declared.
 */
bool safetensors_write(SafetensorsWriter *writer, const char *name, const void *bytes, size_t size,
                       Failure *failure);

/* Write what was declared with its data and is still to come. EX_SOFTWARE: data is missing. */
bool safetensors_finish(SafetensorsWriter *writer, Failure *failure);

#endif
