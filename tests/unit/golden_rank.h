/* Values that tests/golden/rank/write_rank.py computed from the definitions. */
#ifndef PODIUM_TESTS_GOLDEN_RANK_H
#define PODIUM_TESTS_GOLDEN_RANK_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/rank/"

/* expected.csv's value of a case; the test fails where there is none. */
static inline double golden_value(const char *name, const char *what)
{
    char line[256], key[128];
    double value = -1;
    FILE *file = fopen(GOLDEN "expected.csv", "r");
    ck_assert_ptr_nonnull(file);
    int length = snprintf(key, sizeof key, "%s,%s,", name, what);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, key, (size_t)length) == 0)
            value = strtod(line + length, NULL);
    fclose(file);
    ck_assert_msg(value >= 0, "no %s in expected.csv", key);
    return value;
}

/* Sums of the same terms in another order may differ in their last bits. */
#define ck_assert_golden(value, name, what)                                                        \
    ck_assert_double_eq_tol(value, golden_value(name, what), 1e-12)

/* A file with this text in a folder for temporary ones; the path is static. */
static inline const char *text_file(const char *name, const char *text)
{
    static char path[1024];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/podium-%ld-%s", folder ? folder : "/tmp", (long)getpid(), name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

#endif
