#include "common/base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0;
}

bool terminal_redraws(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && !is_set("CI") && !is_set("NO_COLOR") && kind
        && strcmp(kind, "dumb") != 0;
}

bool terminal_is_quiet(void)
{
    return is_set("QUIET");
}
