/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three pipes of one stage: feeds stdin, drains stdout and stderr into a stage_result under its
 * limit. Bounded: past the limit bytes are read and thrown away until the run, which is then ended, is gone.
 *
 * Who listens is passed the output as it comes, and while the stage is paused the program has to wait. The stdin of a
 * live one stays open and takes what stage_io_feed is given.
 */
#ifndef SG_ENGINE_STAGE_IO_H
#define SG_ENGINE_STAGE_IO_H

#include "engine/job.h"
#include "event/loop.h"

struct stage_stream {
	int fd;                   /* -1 once at end of file */
	uint64_t left;            /* of its limit */
	struct watch watch;
	struct buf *into;
	bool *truncated;
	uint64_t *dropped;
	struct stage_io *io;
};

struct stage_io {
	struct loop *loop;
	int stdin_fd;             /* -1 once all is written or the reader is gone */
	struct watch stdin_watch;
	struct slice stdin_left;
	struct stage_stream streams[2];
	void (*on_limit)(struct stage_io *io); /* once: a stream passed its limit */
	void (*on_end)(struct stage_io *io);   /* both streams are at their end */
	bool limit_told;
	/* output is passed on; NULL: it is not. stream: 0 stdout, 1 stderr */
	void (*on_data)(struct stage_io *io, unsigned stream, struct slice data);
	void (*on_fed)(struct stage_io *io);   /* live: nothing of the input is left */
	bool live;                /* stdin stays open */
	bool unlimited;           /* output goes on whatever its limit is */
	bool input_ended;         /* live: nothing follows what is in input */
	uint64_t keep_bytes;      /* of each stream; what is behind is passed on and counted, no more */
	bool terminal;            /* the three are one, of a terminal's */
	bool awaited;             /* it has not come yet: streams[0] is the socket by which it will */
	struct window resized;    /* rows 0: it has the size that it was to be made with */
	bool paused;
	int joined_fds[2];        /* owned, -1 none: in place of our own pipes, the program's stdin and stdout */
	bool deaf;                /* live: nobody reads stdin any more */
	struct buf input;         /* owned: what stdin has not taken; it may be there before the stage */
};

/* A terminal is told its new size, or will be when it is there. */
void stage_io_resize(struct stage_io *io, struct window window);
/* Marks it closed, so that stage_io_close is harmless. */
void stage_io_init(struct stage_io *io);
/* Closes it and frees its memory. */
void stage_io_finish(struct stage_io *io);
/*
 * Opens the pipes; ret_child_fds get the program's stdin, stdout and stderr, which the caller owns.
 * stdin_data must stay until the end. result->out and ->err are begun with this limit. 0 or -ERR_IO.
 */
int stage_io_open(struct stage_io *io, struct loop *loop, struct slice stdin_data,
                  uint64_t output_bytes, struct stage_result *result, int ret_child_fds[static 3]);
/*
 * Before they are opened: what the one writes to stdout, the other reads from stdin, and the other way round. We see nothing
 * of it: each may only wait for the other, as with any pipe, until it ends or is ended. 0 or -ERR_IO.
 */
int stage_io_join(struct stage_io *a, struct stage_io *b);
/* Input for this or the next live stage, copied. 0, -ERR_TOO_LARGE or -ERR_NO_MEMORY. */
int stage_io_feed(struct stage_io *io, struct slice data);
/* Nothing more will be fed: stdin is closed when it has taken what there is. */
void stage_io_feed_end(struct stage_io *io);
/* While paused little more than what is in the pipes is passed on. */
void stage_io_pause(struct stage_io *io, bool pause);
/* Takes what is in the pipes right now, without waiting for the loop. */
void stage_io_collect(struct stage_io *io);
bool stage_io_ended(const struct stage_io *io);
/* Stops feeding: the caller's data is going away. */
void stage_io_stop_feeding(struct stage_io *io);
void stage_io_close(struct stage_io *io);

#endif
