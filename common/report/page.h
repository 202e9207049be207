/*
 * Page: what a report shows, as a person writes it in reports/NAME.page.
 *
 *   # a comment
 *   title = Soft labels
 *   intro = One paragraph.
 *
 *   [B]                          the row of the artifact `B`; rows stand in this order
 *   label      = Model B
 *   published  = soft-label/B    what reports/published.csv calls what it is held against
 *   control-of = A               it is there to be compared with that row, and shown as such
 *   group      = Fine-tuning     curves of one group share a plot
 *   table      = Table 1         the table that the row is in; rows without one have the table above
 *
 *   [claim B-beats-A]            a sentence of the paper, judged by the scores of rows
 *   text    = A second round of soft labels improves the model.
 *   better  = B
 *   worse   = A                  several rows: the best of them in each run
 *   no-worse-than = A            in place of worse: all that is claimed is that A isn't better
 *   part    = private            of the truth; without: the first metric that the report shows
 *   control = control-B          what `better` is held against too
 *
 *   [claim level]                or: a row's score lies in a range
 *   text    = The pre-trained model scores between 0.60 and 0.80.
 *   row     = pretrained
 *   between = 0.60 0.80
 */
#ifndef PODIUM_REPORT_PAGE_H
#define PODIUM_REPORT_PAGE_H

#include "common/report/score.h"

#define PAGE_MOST_ROWS ((size_t)512)
#define PAGE_MOST_CLAIMS ((size_t)64)
#define CLAIM_MOST_WORSE ((size_t)16)
#define PAGE_NO_ROW SIZE_MAX

typedef struct PageRow {
    const char *name, *label;      // label: the name where the page has none
    const char *published, *group; // NULL: nothing to compare with; the group without a name
    const char *control_of;        // a row's name; NULL: a row like any other
    const char *table;             // NULL: that of the row above
} PageRow;

/* Words of a field, and where they stand. */
typedef struct PageField {
    const char *words; // NULL: not said
    size_t line;
} PageField;

typedef struct PageClaim {
    const char *name, *text;
    size_t better;                  // the row's number; of a range, the row that lies in it
    size_t worse[CLAIM_MOST_WORSE]; // numbers of rows
    size_t worse_count;             // 0: a range
    bool no_worse;                  // `better` need not be better, only no worse
    size_t control;                 // a row's number, or PAGE_NO_ROW
    double low, high;               // the range
    Metric metric;                  // METRICS: not said
} PageClaim;

typedef struct Page {
    const char *title, *intro; // intro may be NULL
    PageRow *rows;
    PageClaim *claims;
    size_t count, claim_count;
} Page;

/*
 * Read a page, all of it into the arena.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: a line that says nothing, a field that isn't known, a row,
 *            claim or field said twice, a claim without text or rows, a row that isn't there (says
 *            the line)
 */
bool page_read(Page *page, const char *path, Arena *arena, Failure *failure);

#endif
