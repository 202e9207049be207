/*
 * disorder: for LD_PRELOAD: the entries of every folder come in the reverse of their order, so that
 * whatever depends on the order in which a file system lists files shows it (make reproduce).
 */
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A folder that is being read: `count` entries, of which the first `left` are still to come. */
typedef struct Listing {
    DIR *folder;
    struct dirent **entries;
    size_t count, left, capacity;
    struct Listing *next;
} Listing;

static Listing *listings;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct dirent *readdir(DIR *folder);
struct dirent64 *readdir64(DIR *folder);
int closedir(DIR *folder);
void rewinddir(DIR *folder);

/* The C library's own function of that name. */
static void *genuine(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static Listing **place_of(DIR *folder)
{
    Listing **place = &listings;
    while (*place && (*place)->folder != folder)
        place = &(*place)->next;
    return place;
}

/* Keep a copy of an entry; false where there is no memory for it. */
static int keep(Listing *listing, const struct dirent *entry)
{
    if (listing->count == listing->capacity) {
        size_t capacity = listing->capacity ? 2 * listing->capacity : 64;
        struct dirent **more = realloc(listing->entries, capacity * sizeof *more);
        if (!more)
            return 0;
        listing->entries = more;
        listing->capacity = capacity;
    }
    struct dirent *copy = calloc(1, sizeof *copy);
    if (!copy)
        return 0;
    memcpy(copy, entry, entry->d_reclen < sizeof *copy ? entry->d_reclen : sizeof *copy);
    listing->entries[listing->count++] = copy;
    return 1;
}

static Listing *list(DIR *folder)
{
    struct dirent *(*read_one)(DIR *);
    *(void **)&read_one = genuine("readdir");
    Listing *listing = calloc(1, sizeof *listing);
    if (!listing)
        abort();
    *listing = (Listing){ .folder = folder, .next = listings };
    for (struct dirent *entry; (entry = read_one(folder));)
        if (!keep(listing, entry))
            abort();
    listing->left = listing->count;
    listings = listing;
    return listing;
}

/* Entries that were handed out stay until the folder is closed. */
static void forget(DIR *folder)
{
    pthread_mutex_lock(&lock);
    Listing **place = place_of(folder), *listing = *place;
    if (listing)
        *place = listing->next;
    pthread_mutex_unlock(&lock);
    if (!listing)
        return;
    for (size_t i = 0; i < listing->count; i++)
        free(listing->entries[i]);
    free(listing->entries);
    free(listing);
}

struct dirent *readdir(DIR *folder)
{
    pthread_mutex_lock(&lock);
    Listing *listing = *place_of(folder);
    if (!listing)
        listing = list(folder);
    struct dirent *entry = listing->left ? listing->entries[--listing->left] : NULL;
    pthread_mutex_unlock(&lock);
    return entry;
}

/* On 64-bit systems both are one structure. */
_Static_assert(sizeof(struct dirent) == sizeof(struct dirent64), "entries have one size");
struct dirent64 *readdir64(DIR *folder)
{
    return (struct dirent64 *)readdir(folder);
}

void rewinddir(DIR *folder)
{
    void (*rewind_folder)(DIR *);
    forget(folder);
    *(void **)&rewind_folder = genuine("rewinddir");
    rewind_folder(folder);
}

int closedir(DIR *folder)
{
    int (*close_folder)(DIR *);
    forget(folder);
    *(void **)&close_folder = genuine("closedir");
    return close_folder(folder);
}
