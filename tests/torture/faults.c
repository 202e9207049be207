/*
 * faults.so: loaded before the C library into all processes of a build (LD_PRELOAD), it counts calls that
 * change something, and lets one of them fail, kill, stop or see another time, as the plan says (plan.h).
 *
 * What stdio writes goes by the C library's own ways and isn't seen: journals and events, which may get
 * lost.
 */
#include "plan.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SHORT_BYTES 4099 // a prime: pieces that no buffer's size is a multiple of

static Plan *plan; // NULL: nothing is done

/* The C library's function of a name; looked up at each call, as these are few and cost milliseconds. */
#define REAL(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))
typedef int OpenFunction(const char *, int, ...);
typedef ssize_t WriteFunction(int, const void *, size_t);
typedef ssize_t WriteAtFunction(int, const void *, size_t, off_t);
typedef int DescriptorFunction(int);
typedef int PathsFunction(const char *, const char *);

__attribute__((constructor)) static void attach(void)
{
    const char *path = getenv(PLAN_VARIABLE);
    int descriptor = path ? REAL(OpenFunction *, "open")(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return;
    void *bytes = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    plan = bytes == MAP_FAILED ? NULL : bytes;
    REAL(DescriptorFunction *, "close")(descriptor);
}

/* ---- which calls count ---- */

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), size = strlen(ending);
    return length >= size && strcmp(text + length - size, ending) == 0;
}

/* The place of an absolute path; PLACES where it doesn't lie below the folder. */
static Place place_of(const char *path)
{
    size_t length = strlen(plan->under);
    if (strncmp(path, plan->under, length) != 0 || path[length] != '/')
        return PLACES;
    path += length;
    if (strncmp(path, "/progress", 9) == 0)
        return PLACE_PROGRESS;
    if (strncmp(path, "/cache", 6) == 0)
        return PLACE_CACHE;
    if (ends_in(path, ".stamp") || ends_in(path, ".stamp.new"))
        return PLACE_STAMP;
    if (strstr(path, ".provenance"))
        return PLACE_PROVENANCE;
    return strstr(path, ".tfrecord") || strstr(path, ".manifest") ? PLACE_SHARDS : PLACE_ARTIFACT;
}

static Place place_of_name(const char *path)
{
    char absolute[PATH_MAX], folder[PATH_MAX];
    if (!path)
        return PLACES;
    if (path[0] == '/')
        return place_of(path);
    if (!getcwd(folder, sizeof folder)
        || snprintf(absolute, sizeof absolute, "%s/%s", folder, path) >= (int)sizeof absolute)
        return PLACES;
    return place_of(absolute);
}

static Place place_of_descriptor(int descriptor)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return PLACES;
    path[length] = 0;
    return place_of(path);
}

static uint64_t count(Place place)
{
    return __atomic_add_fetch(&plan->seen[place], 1, __ATOMIC_SEQ_CST);
}

/* ---- what is done ---- */

static void send_signal(void)
{
    if (plan->whom == WHOM_MAKE || plan->whom == WHOM_MAKE_AND_SELF)
        kill(plan->make, plan->signal);
    if (plan->whom == WHOM_GROUP)
        kill(-plan->make, plan->signal);
    if (plan->whom == WHOM_SELF || plan->whom == WHOM_MAKE_AND_SELF)
        kill(getpid(), plan->signal);
}

static void copy_over(const char *from, const char *to)
{
    char bytes[1 << 16];
    ssize_t size;
    int in = REAL(OpenFunction *, "open")(from, O_RDONLY | O_CLOEXEC);
    int out = REAL(OpenFunction *, "open")(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    while (in >= 0 && out >= 0 && (size = read(in, bytes, sizeof bytes)) > 0)
        if (REAL(WriteFunction *, "write")(out, bytes, (size_t)size) != size)
            break;
    REAL(DescriptorFunction *, "close")(in);
    REAL(DescriptorFunction *, "close")(out);
}

static void swap(const char *content)
{
    copy_over(content, plan->by_rename ? plan->spare : plan->shard);
    if (plan->by_rename)
        REAL(PathsFunction *, "rename")(plan->spare, plan->shard);
}

static void act(uint64_t number)
{
    if (number == plan->back_at && plan->action == ACT_SWAP)
        swap(plan->content[0]);
    if (number != plan->at)
        return;
    __atomic_store_n(&plan->acted, 1, __ATOMIC_SEQ_CST);
    if (plan->action == ACT_SIGNAL)
        send_signal();
    else if (plan->action == ACT_PAUSE)
        kill(-plan->make, SIGSTOP);
    else if (plan->action == ACT_SWAP)
        swap(plan->content[1]);
}

static bool is_counted_program(void)
{
    return !plan->program[0] || strcmp(plan->program, program_invocation_short_name) == 0;
}

/*
 * Count a call on this place, and act where it is the one. Its number among those that the plan is about;
 * 0: it isn't about it.
 */
static uint64_t reach(Place place)
{
    int saved = errno;
    if (!plan || place == PLACES || !is_counted_program())
        return 0;
    uint64_t number = count(place), all = place == PLACE_RECORD ? 0 : count(PLACE_ANYWHERE);
    if (plan->place == PLACE_ANYWHERE)
        number = all;
    else if (plan->place != place)
        number = 0;
    if (number)
        act(number);
    errno = saved;
    return number;
}

/* The same for a call that may fail: whether it must. */
static bool fails(Place place)
{
    uint64_t number = reach(place);
    if (!number || plan->action != ACT_FAIL || plan->at == 0 || number < plan->at
        || (number > plan->at && !plan->lasting))
        return false;
    errno = plan->error;
    return true;
}

static Place place_known(const char *path)
{
    return plan ? place_of_name(path) : PLACES;
}

static Place place_open(int descriptor)
{
    return plan ? place_of_descriptor(descriptor) : PLACES;
}

/* ---- calls ---- */

static bool creates(int flags)
{
    return flags & (O_CREAT | O_TRUNC) || (flags & O_TMPFILE) == O_TMPFILE;
}

static int open_as(const char *name, const char *path, int flags, mode_t mode)
{
    if (creates(flags) && fails(place_known(path)))
        return -1;
    return REAL(OpenFunction *, name)(path, flags, mode);
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...);                                                    \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = creates(flags) ? va_arg(arguments, mode_t) : 0;                              \
        va_end(arguments);                                                                         \
        return open_as(#name, path, flags, mode);                                                  \
    }
OPEN(open)
OPEN(open64)

static size_t shortened(uint64_t number, size_t size)
{
    bool is_short = number && plan->action == ACT_SHORT && plan->at && number >= plan->at;
    return is_short && size > SHORT_BYTES ? SHORT_BYTES : size;
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    Place place = place_open(descriptor);
    if (plan && plan->action == ACT_SHORT)
        size = shortened(reach(place), size);
    else if (fails(place))
        return -1;
    return REAL(WriteFunction *, "write")(descriptor, bytes, size);
}

#define WRITE_AT(name)                                                                             \
    ssize_t name(int descriptor, const void *bytes, size_t size, off_t offset);                    \
    ssize_t name(int descriptor, const void *bytes, size_t size, off_t offset)                     \
    {                                                                                              \
        if (fails(place_open(descriptor)))                                                         \
            return -1;                                                                             \
        return REAL(WriteAtFunction *, #name)(descriptor, bytes, size, offset);                    \
    }
WRITE_AT(pwrite)
WRITE_AT(pwrite64)

#define FLUSH(name)                                                                                \
    int name(int descriptor)                                                                       \
    {                                                                                              \
        if (fails(place_open(descriptor)))                                                         \
            return -1;                                                                             \
        return REAL(DescriptorFunction *, #name)(descriptor);                                      \
    }
FLUSH(fsync)
FLUSH(fdatasync)

static bool is_written(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/* From when on the clock is another one. */
static int64_t clock_shift(void)
{
    return plan && plan->action == ACT_CLOCK && plan->acted ? plan->clock_seconds : 0;
}

/* A file gets the time that it would have, had the machine's clock jumped. */
static void shift_times(const char *path)
{
    struct stat status;
    struct timespec now;
    if (!clock_shift() || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    utimensat(AT_FDCWD, path, (struct timespec[]){ now, now }, 0);
}

int close(int descriptor)
{
    Place place = plan && is_written(descriptor) ? place_of_descriptor(descriptor) : PLACES;
    bool failed = fails(place);
    int error = errno;
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", descriptor);
    if (place != PLACES)
        shift_times(self);
    int result = REAL(DescriptorFunction *, "close")(descriptor);
    if (!failed)
        return result;
    errno = error;
    return -1;
}

#define TWO_PATHS(name)                                                                            \
    int name(const char *from, const char *to)                                                     \
    {                                                                                              \
        if (fails(place_known(to)))                                                                \
            return -1;                                                                             \
        int result = REAL(PathsFunction *, #name)(from, to);                                       \
        if (result == 0 && place_known(to) != PLACES)                                              \
            shift_times(to);                                                                       \
        return result;                                                                             \
    }
TWO_PATHS(rename)
TWO_PATHS(link)
TWO_PATHS(symlink)

typedef int RenameAtFunction(int, const char *, int, const char *, unsigned);
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    if (to_folder == AT_FDCWD && fails(place_known(to)))
        return -1;
    int result = REAL(RenameAtFunction *, "renameat2")(from_folder, from, to_folder, to, flags);
    if (result == 0 && to_folder == AT_FDCWD && place_known(to) != PLACES)
        shift_times(to);
    return result;
}

typedef int LinkAtFunction(int, const char *, int, const char *, int);
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    if (to_folder == AT_FDCWD && fails(place_known(to)))
        return -1;
    return REAL(LinkAtFunction *, "linkat")(from_folder, from, to_folder, to, flags);
}

typedef int MakeFolderFunction(const char *, mode_t);
int mkdir(const char *path, mode_t mode)
{
    if (fails(place_known(path)))
        return -1;
    return REAL(MakeFolderFunction *, "mkdir")(path, mode);
}

/* A removal is counted, so that a build may end there, but it doesn't fail. */
typedef int PathFunction(const char *);
int unlink(const char *path)
{
    reach(place_known(path));
    return REAL(PathFunction *, "unlink")(path);
}

/* Records are verified with isa-l's checksum: while it reads, the shard may change. */
typedef unsigned ChecksumFunction(unsigned char *, int, unsigned);
unsigned crc32_iscsi(unsigned char *bytes, int size, unsigned crc);
unsigned crc32_iscsi(unsigned char *bytes, int size, unsigned crc)
{
    unsigned found = REAL(ChecksumFunction *, "crc32_iscsi")(bytes, size, crc);
    reach(PLACE_RECORD); // after it: what was verified may be other bytes already
    return found;
}

/* ---- the clock ---- */

typedef int ClockFunction(clockid_t, struct timespec *);
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = REAL(ClockFunction *, "clock_gettime")(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += clock_shift();
    return result;
}

time_t time(time_t *now)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now)
        *now = exact.tv_sec;
    return exact.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){ exact.tv_sec, exact.tv_nsec / 1000 };
    return 0;
}
