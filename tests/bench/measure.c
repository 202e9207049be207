/*
 * measure PROGRAM [ARGUMENT]...: run it, then print on stderr "measure CPU WALL KIB": CPU seconds,
 * seconds, peak memory. Exits as the program did.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    double began = clock_seconds();
    if (argc < 2)
        return 64;
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        _exit(69);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0)
        return 71;
    fprintf(stderr, "measure %.4f %.4f %ld\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
            clock_seconds() - began, usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
