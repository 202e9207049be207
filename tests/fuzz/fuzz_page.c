/*
 * A report's texts: its page, the published numbers, tables of numbers (curves, values by class).
 */
#include "harness.h"

#include "common/report/page.h"
#include "common/report/published.h"
#include "common/report/table.h"

#include <string.h>

static void read_page(Arena arena)
{
    Failure failure = { 0 };
    Page page;
    bool ok = page_read(&page, INPUT, &arena, &failure);
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < page.count; i++)
        touch(page.rows[i].label, strlen(page.rows[i].label) + 1);
    for (size_t i = 0; ok && i < page.claim_count; i++) {
        const PageClaim *claim = &page.claims[i];
        CHECK(claim->better < page.count && claim->worse_count <= CLAIM_MOST_WORSE);
        CHECK(claim->control == PAGE_NO_ROW || claim->control < page.count);
        for (size_t j = 0; j < claim->worse_count; j++)
            CHECK(claim->worse[j] < page.count);
    }
}

static void read_published(Arena arena)
{
    Failure failure = { 0 };
    PublishedNumbers published;
    bool ok = published_read(&published, INPUT, &arena, &failure);
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < published.count; i++)
        CHECK(published_find(&published, published.numbers[i].row, published.numbers[i].metric));
}

static void read_table(Arena arena)
{
    Failure failure = { 0 };
    NumberTable table;
    bool ok = number_table_read(&table, INPUT, &arena, &failure);
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < table.columns; i++)
        touch(table.column[i], table.rows * sizeof *table.column[i]);
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    (void)bytes;
    (void)size;
    read_page(*arena);
    read_published(*arena);
    read_table(*arena);
}

const Harness harness = { "page", try, NULL, 160, 1 << 20 };
