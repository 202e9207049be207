#include "common/search/search_state.h"
#include "common/data/safetensors.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KIND "search"
#define POINTS "points"
#define TRIALS "trials"
#define DIGEST "sha256"
#define TRIAL_NUMBERS (sizeof(Trial) / sizeof(double))

bool search_state_save(const Search *search, const char *path, Arena scratch, Failure *failure)
{
    uint64_t points = search->count * search->settings.dimensions;
    SafetensorsWriter writer = safetensors_writer(&scratch);
    AtomicFile file = { .descriptor = -1 };
    bool ok = atomic_file_open(&file, path, failure)
        && safetensors_note(&writer, "kind", KIND, failure)
        && safetensors_declare_vector(&writer, POINTS, STORED_F64, points, search->points, failure)
        && safetensors_declare_vector(&writer, TRIALS, STORED_F64, search->count * TRIAL_NUMBERS,
                                      search->trials, failure)
        && safetensors_declare_digest(&writer, DIGEST, failure)
        && safetensors_start(&writer, &file, failure) && safetensors_finish(&writer, failure)
        && atomic_file_commit(&file, NULL, failure);
    atomic_file_discard(&file);
    return ok;
}

static bool take(Search *search, const SafetensorsReader *reader, Failure *failure)
{
    size_t dimensions = search->settings.dimensions;
    const StoredTensor *stored = safetensors_find(reader, TRIALS);
    uint64_t count = stored ? stored->count / TRIAL_NUMBERS : 0;
    const double *points =
        safetensors_array(reader, POINTS, STORED_F64, count * dimensions, failure);
    const Trial *trials =
        safetensors_array(reader, TRIALS, STORED_F64, count * TRIAL_NUMBERS, failure);
    if (!points || !trials)
        return false;
    if (count > search->settings.trials)
        return fail(failure, EX_DATAERR, "%s: %llu trials", reader->path,
                    (unsigned long long)count);
    for (uint64_t i = 0; i < count; i++)
        search_tell(search, points + i * dimensions, trials[i]);
    return true;
}

/* Whether there is a whole state to go on from. */
static bool open_state(SafetensorsReader *reader, const char *path, Arena *arena)
{
    Failure failure = { 0 };
    if (access(path, F_OK) != 0)
        return false;
    bool opened = safetensors_open(reader, path, arena, &failure);
    if (opened && safetensors_check_digest(reader, DIGEST, &failure))
        return true;
    if (opened)
        safetensors_close(reader);
    fprintf(stderr, "tune: %s; the search begins anew\n", failure.message);
    return false;
}

bool search_state_load(Search *search, const char *path, Arena scratch, Failure *failure)
{
    SafetensorsReader reader;
    Failure inner = { 0 };
    if (!open_state(&reader, path, &scratch))
        return true;
    bool ok = take(search, &reader, &inner);
    safetensors_close(&reader);
    return ok || fail(failure, inner.code, "%s; remove it to begin anew", inner.message);
}
