/* ShardCache: pages that were read are given back, and stay readable. */
#include "common/data/shard_cache.h"
#include "suite.h"
#include "temporary.h"

#include <string.h>

#define RECORD_BYTES ((size_t)4096) // far below what a page fault brings in
#define RECORDS ((size_t)12000)     // 47 MiB: more than a cache keeps
#define MIB ((size_t)1 << 20)

static Arena arena;
static Failure failure;

/* Bytes of files that are mapped into this process now. */
static size_t mapped_bytes(void)
{
    char line[128];
    size_t kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "RssFile: %zu kB", &kib) == 1)
            break;
    fclose(file);
    return kib << 10;
}

static void write_shard(const char *path)
{
    static uint8_t payload[RECORD_BYTES];
    TfrecordWriter *writer;
    ck_assert(tfrecord_create(&writer, path, TFRECORD_PLAIN, &arena, &failure));
    for (size_t i = 0; i < RECORDS; i++) {
        memcpy(payload, &i, sizeof i);
        ck_assert(tfrecord_write(writer, payload, sizeof payload, &failure));
    }
    ck_assert(tfrecord_commit(writer, NULL, &failure));
}

START_TEST(a_process_grows_no_further_however_much_it_reads)
{
    const char *name = "train00.tfrecord";
    const size_t framed = RECORD_BYTES + TFRECORD_HEAD_BYTES + TFRECORD_TAIL_BYTES;
    uint64_t bytes = RECORDS * framed;
    ShardIndex index = { .shards = 1, .shard_name = &name, .shard_bytes = &bytes };
    ShardCache cache;
    Record record;
    ck_assert(arena_open(&arena, MIB << 6, &failure));
    write_shard(temporary_path(name, 0));
    ck_assert(shard_cache_open(&cache, &index, temporary_folder, 1, &arena, &failure));
    size_t before = mapped_bytes(), most = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        size_t number = i * 7919 % RECORDS, found; // a prime: each once, in no order
        const TfrecordReader *shard = shard_cache_take(&cache, 0, &failure);
        ck_assert_ptr_nonnull(shard);
        ck_assert_msg(tfrecord_at(shard, number * framed, &record, &failure), "%s",
                      failure.message);
        memcpy(&found, record.bytes, sizeof found);
        ck_assert_uint_eq(found, number);
        shard_cache_release(&cache, 0, record.size);
        size_t now = i % 100 == 99 ? mapped_bytes() : 0;
        most = now > most ? now : most;
    }
    ck_assert_uint_gt(most - before, MIB); // they are kept for a while
    ck_assert_uint_lt(most - before, SHARD_CACHE_MAPPED_BYTES + 2 * MIB);
    shard_cache_close(&cache);
    arena_close(&arena);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("shard_cache");
    tcase_add_test(tests, a_process_grows_no_further_however_much_it_reads);
    temporary_begin();
    int failed = run_case("shard_cache", tests);
    temporary_end();
    return failed;
}
