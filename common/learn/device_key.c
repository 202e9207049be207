#include "common/learn/device_key.h"
#include "common/artifact/unit.h"

#include <stdio.h>
#include <string.h>

#define OPS "common/tensor/ops/"
#define TWIN ".cu"

/* Whether the stage's work uses a plugin's file: each does, but the twin of an op that it doesn't reach. */
static bool is_used(const Stage *stage, const char *path)
{
    size_t stem = strlen(path) - strlen(TWIN);
    if (strncmp(path, OPS, strlen(OPS)) != 0)
        return true;
    for (size_t i = 0; i < unit_count; i++)
        if (stage->reached[i] && strncmp(units[i].path, path, stem) == 0
            && strcmp(units[i].path + stem, ".c") == 0)
            return true;
    return false;
}

bool device_enter_key(Stage *stage, const Device *device, Failure *failure)
{
    char name[256];
    bool ok = stage_field(stage, "numerics", device->numerics, failure);
    for (const DeviceUnit *unit = device->units; ok && unit && unit->path; unit++) {
        if (!is_used(stage, unit->path))
            continue;
        snprintf(name, sizeof name, "unit/%s", unit->path);
        ok = stage_field(stage, name, unit->sha256, failure);
    }
    return ok;
}
