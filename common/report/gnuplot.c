#include "common/report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The script as an open file: all of it is there before gnuplot starts, so no pipe can block. */
static int open_script(const char *script, Failure *failure)
{
    size_t size = strlen(script);
    int descriptor = memfd_create("script", MFD_CLOEXEC);
    if (descriptor >= 0 && write(descriptor, script, size) == (ssize_t)size
        && lseek(descriptor, 0, SEEK_SET) == 0)
        return descriptor;
    fail_errno(failure, EX_OSERR, "a script of %zu bytes for gnuplot", size);
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

static bool start(pid_t *process, char *const arguments[], int from, int to, Failure *failure)
{
    static char locale[] = "LC_ALL=C", path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char *const environment[] = { locale, path, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
    int error = posix_spawnp(process, arguments[0], &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0)
        return true;
    return error == ENOENT
        ? fail(failure, EX_UNAVAILABLE,
               "gnuplot draws the plots and is not there; apt-get install gnuplot-nox")
        : fail(failure, EX_OSERR, "gnuplot: %s", strerror(error));
}

static void read_all(int descriptor, Text *output)
{
    char bytes[1 << 16];
    ssize_t count;
    while ((count = read(descriptor, bytes, sizeof bytes)) > 0 || (count < 0 && errno == EINTR))
        if (count > 0)
            text_bytes(output, bytes, (size_t)count);
}

static bool finish(pid_t process, Failure *failure)
{
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR)
        ;
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        || fail(failure, EX_SOFTWARE, "gnuplot did not draw: wait status %d", status);
}

static bool run(char *const arguments[], const char *script, Text *output, Failure *failure)
{
    pid_t process = 0;
    int ends[2], from = open_script(script, failure);
    if (from < 0)
        return false;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        close(from);
        return fail_errno(failure, EX_OSERR, "a pipe from gnuplot");
    }
    bool ok = start(&process, arguments, from, ends[1], failure);
    close(from);
    close(ends[1]);
    if (ok)
        read_all(ends[0], output);
    close(ends[0]);
    return ok && finish(process, failure) && text_finish(output, failure);
}

bool gnuplot_run(const char *script, Text *output, Arena *arena, Failure *failure)
{
    static char name[] = "gnuplot", no_settings[] = "-d";
    char *const arguments[] = { name, no_settings, NULL };
    *output = text_begin(arena);
    return run(arguments, script, output, failure);
}

bool gnuplot_version(char **version, Arena *arena, Failure *failure)
{
    static char name[] = "gnuplot", ask[] = "--version";
    char *const arguments[] = { name, ask, NULL };
    Text output = text_begin(arena);
    if (!run(arguments, "", &output, failure))
        return false;
    output.bytes[strcspn(output.bytes, "\n")] = 0;
    *version = output.bytes;
    return true;
}
