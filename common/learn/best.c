#include "common/learn/best.h"
#include "common/learn/checkpoint.h"

#define KIND "best"
#define STEP CHECKPOINT_OTHER "step"
#define DIGEST CHECKPOINT_OTHER "sha256"

bool best_save(const Trainer *trainer, Arena scratch, Failure *failure)
{
    const Learner *learner = trainer->learner;
    SafetensorsWriter writer = safetensors_writer(&scratch);
    AtomicFile file = { .descriptor = -1 };
    bool ok = atomic_file_open(&file, trainer->settings.best_path, failure)
        && safetensors_declare_vector(&writer, STEP, STORED_U64, 1, &trainer->state.best_step,
                                      failure)
        && safetensors_declare_digest(&writer, DIGEST, failure)
        && checkpoint_write(&writer, &file, KIND, learner->parameters, learner->optimiser, failure)
        && atomic_file_commit(&file, NULL, failure);
    atomic_file_discard(&file);
    return ok;
}

static bool open_whole(SafetensorsReader *reader, const char *path, Arena *arena, Failure *failure)
{
    if (!checkpoint_open(reader, path, KIND, arena, failure))
        return false;
    if (safetensors_check_digest(reader, DIGEST, failure))
        return true;
    safetensors_close(reader);
    return false;
}

bool best_check(const char *path, uint64_t step, Arena scratch, Failure *failure)
{
    SafetensorsReader reader;
    if (!open_whole(&reader, path, &scratch, failure))
        return false;
    const uint64_t *own = safetensors_array(&reader, STEP, STORED_U64, 1, failure);
    bool ok = own
        && (*own >= step
            || fail(failure, EX_DATAERR, "%s: of step %llu, and step %llu was better", path,
                    (unsigned long long)*own, (unsigned long long)step));
    safetensors_close(&reader);
    return ok;
}

bool best_load(Trainer *trainer, Arena scratch, Failure *failure)
{
    SafetensorsReader reader;
    const Learner *learner = trainer->learner;
    if (!open_whole(&reader, trainer->settings.best_path, &scratch, failure))
        return false;
    bool ok = checkpoint_load(&reader, learner->parameters, failure)
        && checkpoint_load_optimiser(&reader, learner->optimiser, scratch, failure);
    safetensors_close(&reader);
    return ok;
}
