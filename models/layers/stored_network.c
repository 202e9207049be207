#include "models/layers/stored_network.h"

#include <string.h>

#define PREFIX "option/"
#define MOST_OPTIONS ((size_t)256)
#define MOST_NAME ((size_t)128)

static bool note_options(const Option *table, const OptionValues *values, SafetensorsWriter *writer,
                         Failure *failure)
{
    for (const Option *option = table; option->name; option++) {
        char name[MOST_NAME];
        const OptionValue *entry = option_entry(values, option->name);
        snprintf(name, sizeof name, PREFIX "%s", option->name);
        if (entry->count
            && !safetensors_note(writer, name, entry->values[entry->count - 1], failure))
            return false;
    }
    return true;
}

static bool note_features(const FeatureSpecs *features, SafetensorsWriter *writer, Failure *failure)
{
    const char *text = "";
    for (size_t i = 0; i < features->count && text; i++)
        text = arena_format(writer->arena, failure, "%s%s%s:%zu", text, i ? "," : "",
                            features->features[i].name, features->features[i].width);
    return text && safetensors_note(writer, "features", text, failure);
}

bool network_spec_note(const NetworkSpec *spec, SafetensorsWriter *writer, Failure *failure)
{
    return safetensors_note(writer, "model", spec->model->name, failure)
        && note_features(&spec->features, writer, failure)
        && note_options(spec->model->options, spec->values, writer, failure)
        && note_options(network_options, spec->values, writer, failure);
}

static bool is_flag(const Model *model, const char *name)
{
    for (const Option *option = model->options; option->name; option++)
        if (strcmp(option->name, name) == 0)
            return option->kind == OPTION_FLAG;
    return false;
}

/* The stored options as a command line; the number of words, 0 after a failure. */
static int command_line(char *words[MOST_OPTIONS], const Model *model,
                        const SafetensorsReader *reader, Arena *arena, Failure *failure)
{
    int count = 0;
    words[count++] = (char *)reader->path;
    for (size_t i = 0; i < reader->metadata_count; i++) {
        const StoredText *text = &reader->metadata[i];
        if (strncmp(text->name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        const char *name = text->name + strlen(PREFIX);
        bool flag = is_flag(model, name);
        if (flag && strcmp(text->value, "1") != 0)
            continue;
        char *word = flag ? arena_format(arena, failure, "--%s", name)
                          : arena_format(arena, failure, "--%s=%s", name, text->value);
        if (!word || (size_t)count == MOST_OPTIONS - 1)
            return 0;
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

static bool recall_values(NetworkSpec *spec, const SafetensorsReader *reader, Arena *arena,
                          Failure *failure)
{
    char *words[MOST_OPTIONS];
    OptionValues *values;
    Failure inner = { 0 };
    const Option *tables[] = { spec->model->options, network_options };
    if (!arena_array(arena, values, 1, failure))
        return false;
    int count = command_line(words, spec->model, reader, arena, &inner);
    if (count == 0 || !options_parse(values, tables, 2, count, words, arena, &inner))
        return fail(failure, EX_DATAERR, "%s: %s; it was made by another version", reader->path,
                    inner.code ? inner.message : "too many options");
    spec->values = values;
    network_spec_read(spec, values);
    return true;
}

bool network_spec_recall(NetworkSpec *spec, const SafetensorsReader *reader, Arena *arena,
                         Failure *failure)
{
    const char *model = safetensors_metadata(reader, "model");
    const char *features = safetensors_metadata(reader, "features");
    Failure inner = { 0 };
    *spec = (NetworkSpec){ 0 };
    if (!model || !features)
        return fail(failure, EX_DATAERR, "%s: does not say its %s", reader->path,
                    model ? "features" : "model");
    spec->model = model_find(model);
    if (!spec->model)
        return fail(failure, EX_DATAERR, "%s: is of model %s, which this version does not have",
                    reader->path, model);
    if (!feature_specs_parse(&spec->features, features, arena, &inner))
        return fail(failure, EX_DATAERR, "%s: %s", reader->path, inner.message);
    return recall_values(spec, reader, arena, failure);
}

const char *network_unit(const NetworkSpec *spec, Arena *arena, Failure *failure)
{
    char *unit = arena_format(arena, failure, "models/%s.c", spec->model->name);
    for (char *at = unit; at && *at; at++)
        *at = *at == '-' ? '_' : *at;
    return unit;
}
