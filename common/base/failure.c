#include "common/base/failure.h"
#include "common/base/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef fail // what the header tells an analyzer
#undef fail_errno

/* Names and texts out of a file may hold anything: none of it may steer a terminal or end the line. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

bool fail(Failure *failure, int code, const char *format, ...)
{
    va_list arguments;
    if (failure->code != EX_OK)
        return false;
    failure->code = code;
    va_start(arguments, format);
    vsnprintf(failure->message, sizeof failure->message, format, arguments);
    va_end(arguments);
    make_printable(failure->message);
    return false;
}

bool fail_errno(Failure *failure, int code, const char *format, ...)
{
    int why = errno;
    va_list arguments;
    if (failure->code != EX_OK)
        return false;
    failure->code = code;
    va_start(arguments, format);
    vsnprintf(failure->message, sizeof failure->message, format, arguments);
    va_end(arguments);
    make_printable(failure->message);
    size_t length = strlen(failure->message);
    snprintf(failure->message + length, sizeof failure->message - length, ": %s", strerror(why));
    return false;
}

int failure_report(const Failure *failure, const char *program)
{
    if (failure->code != EX_OK)
        fprintf(stderr, "%s%s: %s\n", terminal_redraws() ? TERMINAL_ERASE : "", program,
                failure->message);
    return failure->code;
}
