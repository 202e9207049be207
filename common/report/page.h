/*
 * Page: what a report shows, as a person writes it in reports/NAME.page.
 *
 *   # a comment
 *   title = Video baseline
 *   intro = One paragraph.
 *
 *   [moe]                        the row of the model `moe`; rows stand in this order
 *   label     = Mixture of experts
 *   published = starter/moe      what reports/published.csv calls what it is held against
 */
#ifndef PODIUM_REPORT_PAGE_H
#define PODIUM_REPORT_PAGE_H

#include "common/base/arena.h"

#define PAGE_MOST_ROWS ((size_t)512)

typedef struct PageRow {
    const char *name, *label; // label: the name where the page has none
    const char *published;    // NULL: nothing to compare with
} PageRow;

typedef struct Page {
    const char *title, *intro; // intro may be NULL
    PageRow *rows;
    size_t count;
} Page;

/*
 * Read a page, all of it into the arena.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: a line that says nothing, a field that isn't known, a row or
 *            a field said twice (says the line)
 */
bool page_read(Page *page, const char *path, Arena *arena, Failure *failure);

#endif
