/* Runs of ids: what a search from blank to blank finds, wherever blocks begin. */
#include "common/rank/segment_run.h"

#include "suite.h"

#define MOST_BYTES ((size_t)20000)

/* Hold the runs of a list against its words. */
static void check_list(const char *list, size_t size)
{
    SegmentRun run;
    ClassRow row = { .at = list, .end = list + size };
    const char *at = list, *word;
    size_t length;
    while (segment_run_next(&run, &row))
        for (size_t i = 0; i < run.count; i++) {
            uint64_t bytes = 0, mask;
            ck_assert(segment_split_word(&at, list + size, &word, &length));
            ck_assert_ptr_eq(run.text + run.starts[i], word);
            ck_assert_uint_eq(run.ends[i] - run.starts[i], length);
            memcpy(&bytes, word, length < 8 ? length : 8);
            mask = length < 8 ? ((uint64_t)1 << 8 * length) - 1 : UINT64_MAX;
            ck_assert_uint_eq(run.bytes[i] & mask, bytes);
        }
    ck_assert(!segment_split_word(&at, list + size, &word, &length));
}

/* A copy that ends where its memory ends, so that a sanitizer sees what is read behind it. */
static void check_exactly(const char *list, size_t size)
{
    char *copy = malloc(size + 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy + 1, list, size);
    check_list(copy + 1, size);
    free(copy);
}

START_TEST(lists_of_any_length_give_their_words)
{
    static char list[MOST_BYTES];
    for (size_t i = 0; i < MOST_BYTES; i++)
        list[i] = "abcd:5 efgh:100 ijkl:25 "[i % 24];
    for (size_t size = 0; size < 300; size++)
        for (size_t from = 0; from < 24; from++)
            check_exactly(list + from, size);
    check_exactly(list, MOST_BYTES);
}
END_TEST

/* Blanks anywhere, also several, and words of any length. */
START_TEST(random_lists_give_their_words)
{
    static char list[MOST_BYTES];
    uint64_t state = 7;
    for (unsigned round = 0; round < 200; round++) {
        unsigned rare = round % 40 + 1;
        for (size_t i = 0; i < MOST_BYTES; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            list[i] = (state >> 33) % rare == 0 ? ' ' : (char)('a' + i % 26);
        }
        check_exactly(list, MOST_BYTES - round);
    }
}
END_TEST

START_TEST(blanks_alone_are_no_words)
{
    static char list[1000];
    memset(list, ' ', sizeof list);
    for (size_t size = 0; size < sizeof list; size += 37)
        check_exactly(list, size);
    list[500] = 'a';
    check_exactly(list, sizeof list);
}
END_TEST

int main(void)
{
    return RUN_SUITE("segment_run", lists_of_any_length_give_their_words,
                     random_lists_give_their_words, blanks_alone_are_no_words);
}
