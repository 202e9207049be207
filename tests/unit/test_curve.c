/* The training curve as text. */
#include "common/learn/curve.h"

#include <math.h>

#include "suite.h"
#include "temporary.h"

START_TEST(a_curve_is_a_table_with_nothing_where_there_is_nothing)
{
    const char *path = temporary_path("curve", 1);
    Arena arena;
    Failure failure = { 0 };
    AtomicFile file;
    Curve curve;
    char *text;
    size_t size;
    ck_assert(arena_open(&arena, (size_t)1 << 20, &failure)
              && curve_create(&curve, 2, &arena, &failure)
              && atomic_file_open(&file, path, &failure));
    curve_add(&curve, (CurveRow){ 10, 5120, 0.1f, 0.01, NAN });
    curve_add(&curve, (CurveRow){ 1e9, 1e15, NAN, 0.0095, 0.75 });
    ck_assert(curve_write(&curve, "gap", &file, &failure)
              && atomic_file_commit(&file, NULL, &failure)
              && file_read(path, &arena, &text, &size, &failure));
    ck_assert_str_eq(text,
                     "step,samples,loss,learning_rate,validation_gap\n"
                     "10,5120,0.100000001,0.01,\n"
                     "1000000000,1000000000000000,,0.0095,0.75\n");
    arena_close(&arena);
}
END_TEST

int main(void)
{
    temporary_begin();
    int failed = RUN_SUITE("curve", a_curve_is_a_table_with_nothing_where_there_is_nothing);
    temporary_end();
    return failed;
}
