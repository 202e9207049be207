#include "common/rank/stage_weights.h"

#include <stdio.h>

bool weights_enter_key(Stage *stage, const double *weights, Failure *failure)
{
    char field[64], weight[64];
    for (size_t i = 0; i < stage->values.argument_count; i++) {
        snprintf(field, sizeof field, "weight/argument/%05zu", i);
        snprintf(weight, sizeof weight, "%.17g", weights[i]);
        if (!stage_field(stage, field, weight, failure))
            return false;
    }
    return true;
}

bool weights_of_stage(double **weights, WeightsFile *file, Stage *stage, bool of_ranks,
                      Failure *failure)
{
    const OptionValues *values = &stage->values;
    const char *path = option_text(values, "weights-file"), *text = option_text(values, "names");
    const char **names;
    size_t count = values->argument_count;
    Arena *arena = &stage->arena;
    *file = (WeightsFile){ 0 };
    if (!path)
        return !text || fail(failure, EX_USAGE, "--names needs --weights-file; see --help");
    if (option_text(values, "weights"))
        return fail(failure, EX_USAGE, "give either --weights or --weights-file; see --help");
    return arena_array(arena, *weights, count, failure)
        && member_names(&names, text, values->arguments, count, arena, failure)
        && weights_file_read(file, path, arena, failure)
        && weights_file_take(*weights, file, of_ranks, names, count, failure)
        && weights_enter_key(stage, *weights, failure);
}
