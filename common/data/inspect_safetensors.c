#include "common/data/inspect.h"
#include "common/base/json_text.h"
#include "common/data/safetensors.h"

#include <inttypes.h>
#include <string.h>

static void print_text(const char *text, FILE *to)
{
    json_text_string(to, text, strlen(text));
}

static void print_metadata(const SafetensorsReader *reader, FILE *to)
{
    fputs("{\"metadata\":{", to);
    for (size_t i = 0; i < reader->metadata_count; i++) {
        fputs(i ? ",\n  " : "\n  ", to);
        print_text(reader->metadata[i].name, to);
        putc(':', to);
        print_text(reader->metadata[i].value, to);
    }
    fputs("},\n \"tensors\":{", to);
}

static void print_tensor(const StoredTensor *tensor, FILE *to)
{
    char hex[SHA256_HEX_BYTES];
    sha256_of(tensor->bytes, tensor->size, hex);
    print_text(tensor->name, to);
    fprintf(to, ":{\"dtype\":\"%s\",\"shape\":[", stored_type_name(tensor->type));
    for (size_t i = 0; i < tensor->axes; i++)
        fprintf(to, "%s%" PRIu64, i ? "," : "", tensor->shape[i]);
    fprintf(to, "],\"sha256\":\"%s\"}", hex);
}

bool inspect_safetensors(const char *path, InspectRange range, FILE *to, Arena scratch,
                         Failure *failure)
{
    SafetensorsReader reader = { 0 };
    (void)range;
    if (!safetensors_open(&reader, path, &scratch, failure))
        return false;
    print_metadata(&reader, to);
    bool ok = true;
    for (size_t i = 0; ok && i < reader.count; i++) {
        fputs(i ? ",\n  " : "\n  ", to);
        print_tensor(&reader.tensors[i], to);
        ok = inspect_goes_on(to, failure);
    }
    fputs("}}\n", to);
    safetensors_close(&reader);
    return ok;
}
