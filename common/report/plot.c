#include "common/report/plot.h"
#include "common/report/gnuplot.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * gnuplot takes colours as numbers. These stand for the page's variables until the picture is drawn:
 * #0000NN, NN from 1.
 */
static const char *const variables[] = {
    "--ink",    "--grid",   "--line-1", "--line-2", "--line-3",
    "--line-4", "--line-5", "--line-6", "--line-7", "--line-8"
};
enum { INK = 1, GRID = 2, LINE = 3, VARIABLES = sizeof variables / sizeof *variables };

#define LOGARITHMIC_FROM 30.0 // times: narrower ranges are shown in equal steps

static bool is_shown(const Plot *plot, double x, double y)
{
    return isfinite(x) && isfinite(y) && (!plot->logarithmic || y > 0);
}

/* The points of a line as a data block; runs of them are averaged where there are too many. */
static size_t add_points(Text *script, const Plot *plot, size_t which)
{
    const PlotLine *line = &plot->lines[which];
    size_t run = plot->dots ? 1 : (line->count + PLOT_MOST_POINTS - 1) / PLOT_MOST_POINTS;
    size_t shown = 0;
    text_add(script, "$line%zu << END\n", which);
    for (size_t begin = 0; begin < line->count; begin += run) {
        double x = 0, y = 0;
        size_t end = begin + run < line->count ? begin + run : line->count, points = 0;
        for (size_t i = begin; i < end; i++)
            if (is_shown(plot, line->x[i], line->y[i])) {
                x += line->x[i];
                y += line->y[i];
                points++;
            }
        if (points)
            text_add(script, "%.9g %.9g\n", x / (double)points, y / (double)points);
        shown += points;
    }
    text_add(script, "END\n");
    return shown;
}

static void add_label(Text *script, const char *axis, const char *words)
{
    text_add(script, "set %s '", axis);
    text_gnuplot(script, words);
    text_add(script, "' noenhanced textcolor rgb '#%06x'\n", INK);
}

static void add_settings(Text *script, const Plot *plot)
{
    text_add(script,
             "set terminal svg size 420,290 dynamic noenhanced font 'sans-serif,13' name '%s'\n"
             "set border 3 linecolor rgb '#%06x'\n"
             "set tics nomirror textcolor rgb '#%06x'\n"
             "set format x '%%.0s%%c'\n"
             "set grid ytics linetype 1 linewidth 0.6 linecolor rgb '#%06x'\n"
             "set key off\n"
             "set xtics autofreq\nset style data lines\n",
             plot->name, INK, INK, GRID);
    if (plot->dots)
        text_add(script, "set style data points\n");
    add_label(script, "xlabel", plot->x_label);
    add_label(script, "ylabel", plot->y_label);
}

/* The least and the greatest value that is shown of an axis. */
static void find_range(const Plot *plot, bool is_y, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < plot->line_count; i++)
        for (size_t j = 0; j < plot->lines[i].count; j++) {
            double x = plot->lines[i].x[j], y = plot->lines[i].y[j], at = is_y ? y : x;
            if (!is_shown(plot, x, y))
                continue;
            *low = at < *low ? at : *low;
            *high = at > *high ? at : *high;
        }
}

/* An axis whose points have all one value, around it: gnuplot warns of a range that is empty. */
static void widen_axis(Text *script, const Plot *plot, const char *axis, bool is_y)
{
    double low, high;
    find_range(plot, is_y, &low, &high);
    if (low == high)
        text_add(script, "set %srange [%.9g:%.9g]\nset style data points\n", axis,
                 low > 0 ? low / 2 : low - 1, low > 0 ? low * 2 : low + 1);
}

/* A logarithmic axis has ticks at powers of ten, so it takes several of them to be read. */
static void scale_axis(Text *script, const Plot *plot)
{
    double low, high;
    find_range(plot, true, &low, &high);
    if (plot->logarithmic && high > LOGARITHMIC_FROM * low)
        text_add(script, "set logscale y\n");
}

static bool write_script(Text *script, const Plot *plot)
{
    size_t shown[PLOT_MOST_LINES];
    const char *between = "plot ";
    add_settings(script, plot);
    scale_axis(script, plot);
    widen_axis(script, plot, "x", false);
    widen_axis(script, plot, "y", true);
    for (size_t i = 0; i < plot->line_count; i++)
        shown[i] = add_points(script, plot, i);
    for (size_t i = 0; i < plot->line_count; i++) {
        if (!shown[i])
            continue;
        text_add(script, "%s$line%zu using 1:2 linewidth 2 linecolor rgb '#%06zx'%s", between, i,
                 LINE + i, plot->dots ? " pointtype 7 pointsize 0.5" : "");
        between = ", ";
    }
    text_add(script, "\n");
    return between[0] == ',';
}

/* The variable that "rgb( 0, 0, N)" stands for, and how long that is; NULL for other colours. */
static const char *variable_at(const char *svg, size_t *length)
{
    int used = 0;
    unsigned red, green, blue;
    if (sscanf(svg, "rgb(%u,%u,%u)%n", &red, &green, &blue, &used) != 3 || !used || red || green
        || blue < 1 || blue > VARIABLES)
        return NULL;
    *length = (size_t)used;
    return variables[blue - 1];
}

/* What gnuplot drew as part of a page: without prologue and description, in the page's colours. */
static void write_inline(Text *to, const Plot *plot, const char *svg)
{
    const char *view = strstr(svg, "viewBox"), *canvas = strstr(svg, "<g id=\"gnuplot_canvas\"");
    size_t length;
    if (!view || !canvas)
        return;
    text_add(to, "<svg %.*s role=\"img\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><title>",
             (int)strcspn(view, "\n"), view);
    text_html(to, plot->title);
    text_add(to, "</title>\n");
    for (const char *at = canvas; *at;) {
        const char *variable = *at == 'r' ? variable_at(at, &length) : NULL;
        if (variable)
            text_add(to, "var(%s)", variable);
        else
            text_bytes(to, at, length = 1);
        at += length;
    }
}

bool plot_draw(const Plot *plot, Text *page, Failure *failure)
{
    Text script = text_begin(page->arena), drawn;
    if (!write_script(&script, plot))
        return text_finish(&script, failure);
    if (!text_finish(&script, failure) || !gnuplot_run(script.bytes, &drawn, page->arena, failure))
        return false;
    write_inline(page, plot, drawn.bytes);
    return text_finish(page, failure);
}
