/* Event files against bytes that Google's protobuf runtime wrote (tests/golden/write_events.py). */
#include "suite.h"
#include "common/learn/events.h"
#include "common/base/file.h"

#include <stdlib.h>
#include <unistd.h>

START_TEST(events_are_written_as_protobuf_writes_them)
{
    char path[] = "/tmp/podium-events-XXXXXX";
    Arena arena;
    Failure failure = { 0 };
    Events events;
    char *ours, *golden;
    size_t our_size, golden_size;
    close(mkstemp(path));
    ck_assert(arena_open(&arena, (size_t)1 << 20, &failure));
    events_open(&events, path, 1500000000.25);
    events_scalar(&events, 1500000001.5, 1, "train/loss", 12.5f);
    events_scalar(&events, 1500000002.75, 123456789012u, "validation/gap", 0.8125f);
    events_close(&events);
    ck_assert(file_read(path, &arena, &ours, &our_size, &failure));
    ck_assert(file_read("tests/golden/events.golden", &arena, &golden, &golden_size, &failure));
    ck_assert_uint_eq(our_size, golden_size);
    ck_assert_mem_eq(ours, golden, golden_size);
    unlink(path);
    arena_close(&arena);
}
END_TEST

START_TEST(a_file_that_cannot_be_made_costs_nothing)
{
    Events events;
    events_open(&events, "/nowhere/at/all", 0);
    events_scalar(&events, 0, 1, "train/loss", 1);
    events_close(&events);
}
END_TEST

int main(void)
{
    return RUN_SUITE("events", events_are_written_as_protobuf_writes_them,
                     a_file_that_cannot_be_made_costs_nothing);
}
