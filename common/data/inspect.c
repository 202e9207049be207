#include "common/data/inspect.h"
#include "common/data/content.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef bool Inspect(const char *path, InspectRange range, FILE *to, Arena scratch,
                     Failure *failure);

/* Parse digits up to `stop`; where there are none the number stays what it is. */
static const char *parse_number(const char *text, uint64_t *number)
{
    char *end = (char *)text;
    errno = 0;
    unsigned long long value = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
    if (end != text)
        *number = errno ? UINT64_MAX : value;
    return end;
}

bool inspect_range_parse(InspectRange *range, const char *text, Failure *failure)
{
    *range = (InspectRange){ 0, UINT64_MAX, true };
    const char *next = parse_number(text, &range->first);
    bool ok = *text != 0;
    if (*next == ':')
        next = parse_number(next + 1, &range->end);
    else
        range->end = range->first + 1;
    if (!ok || *next || range->end < range->first)
        return fail(failure, EX_USAGE, "--records %s: not a range; write 0:10, 5: or 7", text);
    return true;
}

bool inspect_goes_on(FILE *to, Failure *failure)
{
    if (!ferror(to))
        return true;
    if (errno == EPIPE) // whoever read has seen enough
        return false;
    return fail_errno(failure, EX_IOERR, "the output can't be written");
}

static Inspect *const printers[] = {
    [CONTENT_RECORDS] = inspect_records,
    [CONTENT_EVENTS] = inspect_events,
    [CONTENT_SAFETENSORS] = inspect_safetensors,
    [CONTENT_JSON] = inspect_json,
    [CONTENT_TEXT] = inspect_csv,
};

static Inspect *recognize(const char *path, Failure *failure)
{
    MappedFile file;
    if (!mapped_file_open(&file, path, failure))
        return NULL;
    Inspect *inspect = printers[content_of(&file, path)];
    mapped_file_close(&file);
    if (!inspect)
        fail(failure, EX_DATAERR,
             "%s:0: neither TFRecords (the first length doesn't match its checksum) nor "
             "safetensors, "
             "JSON or CSV; if it should be one of them, it is damaged: make or download it again",
             path);
    return inspect;
}

bool inspect_file(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure)
{
    Inspect *inspect = recognize(path, failure);
    bool ok = inspect && inspect(path, range, to, scratch, failure);
    fflush(to); // before a complaint about what follows it
    return inspect_goes_on(to, failure) && ok;
}
