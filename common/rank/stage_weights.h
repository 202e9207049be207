/*
 * Stage weights: a weights file as what a stage is told, for stages that fuse their arguments.
 */
#ifndef PODIUM_RANK_STAGE_WEIGHTS_H
#define PODIUM_RANK_STAGE_WEIGHTS_H

#include "common/artifact/stage.h"
#include "common/rank/weights_file.h"

/* Rows of the stage's table of options. */
#define WEIGHTS_FILE_OPTIONS                                                                       \
    { "weights-file", OPTION_TEXT, NULL, "what `tune` wrote: a weight for each file, by its name", \
      OPTION_INPUT },                                                                              \
    {                                                                                              \
        "names", OPTION_TEXT, NULL,                                                                \
            "A,B,C: what the files are called in --weights-file (default: their names)",           \
            OPTION_SETTING                                                                         \
    }

/*
 * The weights of a stage's arguments from --weights-file; file->path is NULL where that isn't given. Which
 * argument has which weight enters the key.
 *
 *   weights  [arguments], in the stage's arena
 *   failure  as above; EX_USAGE: --weights as well, or --names alone
 */
bool weights_of_stage(double **weights, WeightsFile *file, Stage *stage, bool of_ranks,
                      Failure *failure);

/* Enter the weights of a stage's arguments into its key: names of files are in no file's content. */
bool weights_enter_key(Stage *stage, const double *weights, Failure *failure);

#endif
