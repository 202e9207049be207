#include "common/artifact/cache_log.h"
#include "common/artifact/cache_layout.h"
#include "common/base/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENTERED "entered.log"
#define MAKES "makes.log"
#define FIRST_LINE "podium-cache 1 "
#define MOST_LINES 4096 // lost lines add up: look through the cache after so many things entered
#define MOST_MAKES_BYTES ((off_t)1 << 16) // some 2,000 makes; then the log begins anew

static void log_path(char path[CACHE_PATH_BYTES], const char *folder, const char *name)
{
    snprintf(path, CACHE_PATH_BYTES, "%s/%s", folder, name);
}

static void append(const char *folder, const char *name, const char *line, off_t most_bytes)
{
    char path[CACHE_PATH_BYTES];
    struct stat status;
    log_path(path, folder, name);
    int descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0)
        return;
    bool known = fstat(descriptor, &status) == 0;
    bool full = known && most_bytes && status.st_size > most_bytes;
    // where the disk is full, a line of an estimate is lost
    bool noted =
        (!full || ftruncate(descriptor, 0) == 0) && write(descriptor, line, strlen(line)) >= 0;
    close(descriptor);
    if (noted && known && status.st_size == 0)
        cache_share(folder, path, true);
}

void cache_log_entered(const char *folder, uint64_t bytes)
{
    char line[32];
    snprintf(line, sizeof line, "%" PRIu64 "\n", bytes);
    append(folder, ENTERED, line, 0);
}

static FILE *open_log(const char *folder, const char *name)
{
    char path[CACHE_PATH_BYTES];
    log_path(path, folder, name);
    return fopen(path, "re");
}

bool cache_log_held(const char *folder, uint64_t *bytes)
{
    char line[64];
    size_t lines = 0;
    FILE *file = open_log(folder, ENTERED);
    bool known = file && fgets(line, sizeof line, file)
        && sscanf(line, FIRST_LINE "%" SCNu64 "\n", bytes) == 1;
    while (known && fgets(line, sizeof line, file)) {
        uint64_t more;
        if (sscanf(line, "%" SCNu64 "\n", &more) == 1)
            *bytes += more;
        known = ++lines < MOST_LINES;
    }
    if (file)
        fclose(file);
    return known;
}

void cache_log_looked(const char *folder, uint64_t bytes)
{
    char path[CACHE_PATH_BYTES], line[64];
    Failure none = { 0 };
    log_path(path, folder, ENTERED);
    snprintf(line, sizeof line, FIRST_LINE "%" PRIu64 "\n", bytes);
    if (file_write(path, line, strlen(line), &none))
        cache_share(folder, path, true);
}

void cache_log_make(const char *folder, uint64_t made, uint64_t restored)
{
    char line[96];
    snprintf(line, sizeof line, "%lld %" PRIu64 " %" PRIu64 "\n", (long long)time(NULL), made,
             restored);
    append(folder, MAKES, line, MOST_MAKES_BYTES);
}

CacheMakes cache_log_makes(const char *folder)
{
    char line[96];
    size_t count = 0;
    uint64_t ring[CACHE_LAST_MAKES][2] = { 0 };
    CacheMakes makes = { 0 };
    FILE *file = open_log(folder, MAKES);
    while (file && fgets(line, sizeof line, file)) {
        uint64_t *entry = ring[count % CACHE_LAST_MAKES];
        count += sscanf(line, "%*d %" SCNu64 " %" SCNu64 "\n", &entry[0], &entry[1]) == 2;
    }
    if (file)
        fclose(file);
    makes.count = count < CACHE_LAST_MAKES ? count : CACHE_LAST_MAKES;
    for (size_t i = 0; i < makes.count; i++) {
        makes.made += ring[i][0];
        makes.restored += ring[i][1];
    }
    return makes;
}
