#include "common/search/cholesky.h"
#include "common/base/elementary.h"

#include <math.h>
#include <string.h>

/* y += a x */
static void add_scaled(double *restrict y, double a, const double *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

bool cholesky_factor(double *a, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double *row = a + k * n;
        if (!(row[k] > 0) || !isfinite(row[k]))
            return false;
        double root = sqrt(row[k]);
        for (size_t j = k; j < n; j++)
            row[j] /= root;
        for (size_t i = k + 1; i < n; i++)
            add_scaled(a + i * n + i, -row[i], row + i, n - i);
    }
    return true;
}

double cholesky_log_determinant(const double *u, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += elementary_log(u[i * n + i]);
    return 2 * sum;
}

/* m = U^-T, lower triangular: U^T m = 1 from the first row on. */
static void invert_transposed(const double *u, size_t n, double *m)
{
    memset(m, 0, n * n * sizeof *m);
    for (size_t k = 0; k < n; k++) {
        m[k * n + k] += 1;
        for (size_t j = 0; j <= k; j++)
            m[k * n + j] /= u[k * n + k];
        for (size_t i = k + 1; i < n; i++)
            add_scaled(m + i * n, -u[k * n + i], m + k * n, k + 1);
    }
}

void cholesky_invert(const double *u, size_t n, double *inverse, double *scratch)
{
    invert_transposed(u, n, scratch);
    memset(inverse, 0, n * n * sizeof *inverse);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i <= k; i++) // A^-1 = m^T m, its lower half
            add_scaled(inverse + i * n, scratch[k * n + i], scratch + k * n, i + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            inverse[i * n + j] = inverse[j * n + i];
}
