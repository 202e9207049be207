#include "common/learn/interrupts.h"

#include <signal.h>
#include <stddef.h>

static const int signals[] = { SIGINT, SIGTERM, SIGUSR1 };
#define SIGNALS (sizeof signals / sizeof *signals)

void interrupts_hold(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

bool interrupts_came(void)
{
    sigset_t pending;
    bool came = false;
    sigpending(&pending);
    for (size_t i = 0; i < SIGNALS; i++)
        came = came || sigismember(&pending, signals[i]) == 1;
    return came;
}
