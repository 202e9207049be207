/*
 * Plot: lines over a common x axis, as SVG that stands inside an HTML page.
 *
 * Colours are the page's CSS variables (--ink, --grid, --line-1 ... --line-8), so that one picture
 * fits a light page and a dark one.
 */
#ifndef PODIUM_REPORT_PLOT_H
#define PODIUM_REPORT_PLOT_H

#include "common/report/text.h"

#define PLOT_MOST_LINES ((size_t)8)    // more can't be told apart by colour
#define PLOT_MOST_POINTS ((size_t)240) // of a line: more than a picture of this width can show

typedef struct PlotLine {
    const char *label;
    const double *x, *y; // [count]; points that are not finite are left out
    size_t count;
} PlotLine;

typedef struct Plot {
    const char *name; // "loss": identifies the picture within its page
    const char *title, *x_label, *y_label;
    bool logarithmic; // the y axis, if its range is wide; values of 0 and below are left out
    bool dots;        // points without a line between them, each shown
    PlotLine lines[PLOT_MOST_LINES];
    size_t line_count;
} Plot;

/*
 * Append the plot to a page as an <svg> element; nothing where no line has a point to draw.
 *
 * A line (not dots) of more than PLOT_MOST_POINTS points is shown as the means of as many equal runs of them.
 *
 *   failure  EX_UNAVAILABLE: there is no gnuplot
 */
bool plot_draw(const Plot *plot, Text *page, Failure *failure);

#endif
