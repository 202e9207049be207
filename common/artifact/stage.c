#include "common/artifact/stage.h"
#include "common/artifact/unit.h"
#include "common/base/bus_error.h"
#include "common/base/file.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"

#include <string.h>

#define MOST_TABLES 6
#define MOST_INPUTS_BESIDE_OPTIONS ((size_t)16384) // shards that a list can name: 3,844 a partition

/* What every stage takes. None of it changes a result. */
static const Option common_options[] = {
    { "output", OPTION_TEXT, NULL, "the artifact to write", OPTION_OUTPUT },
    { "threads", OPTION_SIZE, "0", "threads to use; 0: one a core", OPTION_VOLATILE, 0, 1024 },
    { "cache", OPTION_TEXT, NULL, "folder of artifacts by key, shared between builds",
      OPTION_VOLATILE },
    { "progress-folder", OPTION_TEXT, NULL,
      "where a step that is stopped keeps its state (default: beside the output)",
      OPTION_VOLATILE },
    { "explain", OPTION_FLAG, "0", "say whether there is work to do, and why; do none",
      OPTION_VOLATILE },
    { "journal", OPTION_TEXT, NULL, "a file to add a line to, and stderr, when there is work to do",
      OPTION_VOLATILE },
    { 0 },
};

static const Option none[] = { { 0 } };

static void print_help(const Manual *manual, const Option *const tables[], size_t count)
{
    printf("usage: %s [OPTION]...%s%s\n%s\n\n", manual->name, manual->arguments ? " " : "",
           manual->arguments ? manual->arguments : "", manual->summary);
    for (size_t i = 0; i < count; i++)
        options_describe(tables[i], stdout);
    printf("  %-28s %s\n  %-28s %s\n", "--help", "print this", "--version", "print the version");
}

/* Answer --help and --version; true where one of them was asked for. */
static bool answered(const Manual *manual, const Option *const tables[], size_t count, int argc,
                     char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        bool help = strcmp(argv[i], "--help") == 0;
        if (help)
            print_help(manual, tables, count);
        else if (strcmp(argv[i], "--version") == 0)
            printf("%s (Podium) %s\n", manual->name, podium_version);
        else
            continue;
        return true;
    }
    return false;
}

/* Where the next input goes; NULL where there are too many. */
static ProvenanceInput *next_input(Stage *stage, const char *role, const char *path,
                                   Failure *failure)
{
    if (stage->input_count == (size_t)stage->values.argument_count + MOST_INPUTS_BESIDE_OPTIONS) {
        fail(failure, EX_USAGE, "%s: too many inputs", path);
        return NULL;
    }
    stage->inputs[stage->input_count].role = role;
    return &stage->inputs[stage->input_count];
}

/* Enter the input that was filled in last into the key. */
static bool enter_input(Stage *stage, Failure *failure)
{
    char name[256];
    const ProvenanceInput *input = &stage->inputs[stage->input_count];
    size_t before = 0;
    for (size_t i = 0; i < stage->input_count; i++)
        before += strcmp(stage->inputs[i].role, input->role) == 0;
    stage->input_count++;
    snprintf(name, sizeof name, "input/%s/%05zu", input->role, before);
    return stage_field(stage, name, input->sha256, failure);
}

bool stage_input(Stage *stage, const char *role, const char *path, Failure *failure)
{
    ProvenanceInput *input = next_input(stage, role, path, failure);
    if (!input || !file_status(&input->status, path, failure))
        return false;
    input->path = arena_copy(&stage->arena, path, strlen(path), failure);
    return input->path && provenance_digest(path, input, &stage->arena, failure)
        && enter_input(stage, failure);
}

bool stage_inputs_stayed(const Stage *stage, Failure *failure)
{
    for (size_t i = 0; i < stage->input_count; i++) {
        const ProvenanceInput *input = &stage->inputs[i];
        FileStatus now;
        if (!input->path)
            continue;
        bool there = file_status(&now, input->path, &(Failure){ 0 });
        if (!there || !file_status_same_content(&input->status, &now))
            return fail(failure, EX_TEMPFAIL, "%s: changed while it was read; run again",
                        input->path);
    }
    return true;
}

bool stage_input_known(Stage *stage, const char *role, const char *artifact, const char *sha256,
                       Failure *failure)
{
    ProvenanceInput *input = next_input(stage, role, artifact, failure);
    if (!input)
        return false;
    input->artifact = artifact;
    input->kind = role;
    input->sha256 = arena_copy(&stage->arena, sha256, strlen(sha256), failure);
    return input->sha256 && enter_input(stage, failure);
}

static bool take_inputs(Stage *stage, Failure *failure)
{
    const OptionValues *values = &stage->values;
    if (!arena_array(&stage->arena, stage->inputs,
                     values->argument_count + MOST_INPUTS_BESIDE_OPTIONS, failure))
        return false;
    for (size_t i = 0; i < values->count; i++) {
        const OptionValue *entry = &values->entries[i];
        for (size_t j = 0; entry->option->role == OPTION_INPUT && j < entry->count; j++)
            if (!stage_input(stage, entry->option->name, entry->values[j], failure))
                return false;
    }
    for (size_t i = 0; i < values->argument_count; i++)
        if (!stage_input(stage, "argument", values->arguments[i], failure))
            return false;
    return true;
}

static bool take_settings(Stage *stage, Failure *failure)
{
    char name[256];
    if (!stage_field(stage, "stage", stage->manual->name, failure))
        return false;
    for (size_t i = 0; i < stage->values.count; i++) {
        const OptionValue *entry = &stage->values.entries[i];
        if (entry->option->role != OPTION_SETTING || entry->count == 0)
            continue;
        snprintf(name, sizeof name, "option/%s", entry->option->name);
        if (!stage_field(stage, name, entry->values[entry->count - 1], failure))
            return false;
    }
    return true;
}

bool stage_begin(Stage *stage, const Manual *manual, int argc, char **argv, Failure *failure)
{
    char path[256];
    const Option *tables[MOST_TABLES] = { manual->options, manual->prints ? none : common_options };
    size_t more = 0;
    *stage = (Stage){ .manual = manual, .started = progress_clock() };
    bus_error_report();
    if (manual->more_options && !manual->more_options(tables + 2, &more, argc, argv, failure))
        return false;
    if (answered(manual, tables, 2 + more, argc, argv))
        return false;
    snprintf(path, sizeof path, "stages/%s.c", manual->name);
    if (!arena_open(&stage->arena, ARENA_LARGE, failure)
        || !options_parse(&stage->values, tables, 2 + more, argc, argv, &stage->arena, failure))
        return false;
    if (!manual->arguments && stage->values.argument_count)
        return fail(failure, EX_USAGE, "%s: not an option, and there are no arguments; see --help",
                    stage->values.arguments[0]);
    if (manual->prints)
        return true;
    parallel_threads(option_size(&stage->values, "threads"));
    return arena_array(&stage->arena, stage->reached, unit_count + 1, failure)
        && stage_uses(stage, path, failure) && take_settings(stage, failure)
        && (!stage_output(stage) || take_inputs(stage, failure));
}

void stage_end(Stage *stage)
{
    arena_close(&stage->arena);
}

bool stage_uses(Stage *stage, const char *path, Failure *failure)
{
    return units_reach(stage->reached, path)
        || fail(failure, EX_SOFTWARE, "%s is not in the table of units; build again", path);
}

bool stage_field(Stage *stage, const char *name, const char *value, Failure *failure)
{
    return key_add(&stage->key, name, value, &stage->arena, failure);
}

const char *stage_output(const Stage *stage)
{
    return option_text(&stage->values, "output");
}

bool stage_explains(const Stage *stage)
{
    return option_flag(&stage->values, "explain");
}

const char *stage_progress_path(Stage *stage, const char *suffix, Failure *failure)
{
    char hash[SHA256_HEX_BYTES];
    const char *folder = option_text(&stage->values, "progress-folder");
    key_hash(&stage->key, hash);
    if (!folder)
        folder = path_folder(stage_output(stage), &stage->arena, failure);
    return folder ? arena_format(&stage->arena, failure, "%s/%s.%s", folder, hash, suffix) : NULL;
}
