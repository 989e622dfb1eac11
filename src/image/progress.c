/* SPDX-License-Identifier: Apache-2.0 */
#include "image/progress.h"

#include <string.h>
#include <unistd.h>

#include "base/util.h"

#define BAR_WIDTH  30u
#define CLEAR_LINE "\r\x1b[K"

static double seconds(const struct progress_bar *bar)
{
	return (double)(clock_now_ns() - bar->began_ns) / (double)NS_PER_SEC;
}

void progress_bar_init(struct progress_bar *bar, FILE *out, const char *subject)
{
	*bar = (struct progress_bar){
	    .out = out,
	    .terminal = out && isatty(fileno(out)),
	    .subject = subject,
	    .step = "",
	    .began_ns = clock_now_ns(),
	};
}

static void draw(const struct progress_bar *bar)
{
	char cells[BAR_WIDTH + 1];
	unsigned full = bar->percent * BAR_WIDTH / 100;

	memset(cells, '.', BAR_WIDTH);
	memset(cells, '#', full);
	cells[BAR_WIDTH] = '\0';
	fprintf(bar->out, CLEAR_LINE "%s [%s] %3u%% %s, %.0f s", bar->subject, cells, bar->percent,
		bar->step, seconds(bar));
	fflush(bar->out);
}

void progress_bar_step(struct progress_bar *bar, unsigned percent, const char *step)
{
	bar->percent = MAX_OF(bar->percent, percent);
	bar->step = step;
	if (bar->terminal) {
		draw(bar);
	} else if (bar->out) {
		fprintf(bar->out, "%s: %3u%% %s\n", bar->subject, bar->percent, step);
		fflush(bar->out);
	}
}

void progress_bar_advance(struct progress_bar *bar, unsigned percent)
{
	bar->percent = MAX_OF(bar->percent, percent);
	if (bar->terminal)
		draw(bar);
}

void progress_bar_finish(struct progress_bar *bar, const char *what)
{
	progress_bar_clear(bar);
	if (bar->out)
		fprintf(bar->out, "%s: %s (%.1f s)\n", bar->subject, what, seconds(bar));
}

void progress_bar_clear(struct progress_bar *bar)
{
	if (!bar->terminal)
		return;
	fputs(CLEAR_LINE, bar->out);
	fflush(bar->out);
}
