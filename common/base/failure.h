/*
 * Failure: what went wrong, where, and what to do, with the exit code that fits.
 *
 * Functions that can fail return false and fill a Failure; only main prints it and exits. A Failure
 * starts as { 0 } and keeps the first thing that went wrong.
 */
#ifndef PODIUM_BASE_FAILURE_H
#define PODIUM_BASE_FAILURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

typedef struct Failure {
    int code; // EX_OK (0) while nothing went wrong, else one of sysexits.h
    char message[1200];
} Failure;

/*
 * Fill the failure and return false, so that a refusal is one statement.
 *
 *   message  "file:byte: what; what to do", without the program's name and without a newline;
 *            cut at the size of the message; control characters, which texts out of a file may
 *            hold, become '?'. The first failure is kept, later ones are dropped.
 */
bool fail(Failure *failure, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": why" from errno at its end. */
bool fail_errno(Failure *failure, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An analyzer sees one file at a time: tell it that a failure is always false. */
#ifdef __clang_analyzer__
#define fail(...) (fail(__VA_ARGS__), false)
#define fail_errno(...) (fail_errno(__VA_ARGS__), false)
#endif

/*
 * Print "program: message" on stderr, if something failed, and return the exit code for main. On a
 * terminal it takes the place of a progress line that was not ended.
 * A failure with code EX_OK prints nothing: it is how a chain ends early with its work done.
 */
int failure_report(const Failure *failure, const char *program);

#endif
