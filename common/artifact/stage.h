/*
 * Stage: one run of a program that makes one artifact. It knows the program's manual, the options
 * it was given, and the key that these, the inputs and the code make up.
 */
#ifndef PODIUM_ARTIFACT_STAGE_H
#define PODIUM_ARTIFACT_STAGE_H

#include "common/artifact/provenance.h"
#include "common/base/options.h"

/* What a program is and takes. A stage's main file has one. */
typedef struct Manual {
    const char *name;      // of the program, and of its source file stages/NAME.c
    const char *summary;   // one sentence
    const char *arguments; // "FILE..." as --help shows it; NULL: takes options only
    const Option *options;
    /*
     * More tables, where other options decide which there are (--model moe brings the model's own).
     * Fills tables and returns true; optional.
     */
    bool (*more_options)(const Option *tables[4], size_t *count, int argc, char *const argv[],
                         Failure *failure);
    /*
     * It prints to stdout and makes no artifact: it has none of the common options but --help and
     * --version, no key, and its inputs are not digested.
     */
    bool prints;
} Manual;

typedef struct Stage {
    const Manual *manual;
    OptionValues values;
    Arena arena; // lives until stage_end
    Key key;
    ProvenanceInput *inputs;
    size_t input_count;
    bool *reached; // [unit_count]: the units that the work uses
    double started;
} Stage;

/*
 * Parse the command line, answer --help and --version, digest the inputs (where there is an output
 * to enter them into: without --output none is read here).
 *
 * Every option with the role OPTION_INPUT and every argument (role "argument") is an input. Common
 * options that every stage has: --help, --version, --output FILE, --threads N, --cache DIR,
 * --progress-folder DIR, --explain, --journal FILE.
 *
 *   returns  false with EX_OK after --help and --version: the work is done
 *   failure  EX_USAGE, EX_NOINPUT (an input can't be opened), EX_IOERR
 */
bool stage_begin(Stage *stage, const Manual *manual, int argc, char **argv, Failure *failure);
void stage_end(Stage *stage);

/* Name another unit that the work starts from ("models/moe.c"). EX_SOFTWARE: no such unit. */
bool stage_uses(Stage *stage, const char *path, Failure *failure);

/* Add a field to the key ("numerics" ...), for what decides the bytes and is no option. */
bool stage_field(Stage *stage, const char *name, const char *value, Failure *failure);

/* Add an input that no option names (a shard that a list names): its content enters the key. */
bool stage_input(Stage *stage, const char *role, const char *path, Failure *failure);

/*
 * Whether the files of all inputs are still those that were digested, or have a link more or other rights.
 * Asked before an artifact is committed; whoever keeps something else to go on from must ask, too.
 *
 *   failure  EX_TEMPFAIL: one changed (says which)
 */
bool stage_inputs_stayed(const Stage *stage, Failure *failure);

/*
 * Add an input whose content hash is known already: the shards of a folder, by the hash of their
 * fingerprints. Its kind is its role. `artifact` and `role` are borrowed until stage_end; `sha256` is copied.
 */
bool stage_input_known(Stage *stage, const char *role, const char *artifact, const char *sha256,
                       Failure *failure);

/* The output's path (--output); NULL where it isn't given. */
const char *stage_output(const Stage *stage);

/* Whether only an explanation is asked for (--explain): then nothing is made or removed. */
bool stage_explains(const Stage *stage);

/*
 * The path of this key's progress file, for work that goes on where it stopped:
 * FOLDER/KEYHASH.SUFFIX in --progress-folder (default: beside the output). Complete the key first.
 */
const char *stage_progress_path(Stage *stage, const char *suffix, Failure *failure);

#endif
