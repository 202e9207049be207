#include "common/artifact/unit.h"

#include <string.h>

static void reach(bool *reached, size_t unit)
{
    if (reached[unit])
        return;
    reached[unit] = true;
    for (size_t i = 0; i < units[unit].use_count; i++)
        reach(reached, units[unit].uses[i]);
}

bool units_reach(bool *reached, const char *path)
{
    for (size_t unit = 0; unit < unit_count; unit++)
        if (strcmp(units[unit].path, path) == 0) {
            reach(reached, unit);
            return true;
        }
    return false;
}
