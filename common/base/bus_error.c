#include "common/base/bus_error.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* Only what a signal's handler may call. */
static void write_text(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; // there is nowhere else to say it
}

static void report(int signal)
{
    (void)signal;
    write_text(program_invocation_short_name);
    write_text(": a file became shorter while it was read; run again\n");
    _exit(EX_TEMPFAIL);
}

void bus_error_report(void)
{
    struct sigaction action = { .sa_handler = report };
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}
