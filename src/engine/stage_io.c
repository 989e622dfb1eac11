/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/stage_io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define READ_BYTES      (64 * KIB) /* a pipe's default capacity, pipe(7) */
#define READS_PER_EVENT 8          /* then other descriptors get their turn */
#define INPUT_BYTES_MAX (64 * MIB) /* of a live stage; its caller holds back much earlier */

void stage_io_init(struct stage_io *io)
{
	*io = (struct stage_io){.stdin_fd = -1, .streams = {{.fd = -1}, {.fd = -1}}, .keep_bytes = UINT64_MAX, .joined_fds = {-1, -1}};
	buf_init(&io->input, INPUT_BYTES_MAX);
}

void stage_io_stop_feeding(struct stage_io *io)
{
	if (io->stdin_fd < 0)
		return;
	loop_remove(io->loop, &io->stdin_watch);
	io->stdin_fd = fd_close(io->stdin_fd);
}

void stage_io_finish(struct stage_io *io)
{
	stage_io_close(io);
	io->joined_fds[0] = fd_close(io->joined_fds[0]);
	io->joined_fds[1] = fd_close(io->joined_fds[1]);
	buf_finish(&io->input);
}

static void stream_close(struct stage_stream *stream)
{
	if (stream->fd < 0)
		return;
	loop_remove(stream->io->loop, &stream->watch);
	stream->fd = fd_close(stream->fd);
}

void stage_io_close(struct stage_io *io)
{
	stage_io_stop_feeding(io);
	stream_close(&io->streams[0]);
	stream_close(&io->streams[1]);
}

bool stage_io_ended(const struct stage_io *io)
{
	return io->streams[0].fd < 0 && io->streams[1].fd < 0;
}

/* --- feeding --- */

/* True when there is nothing left to do: all written, or nobody reads. SIGPIPE is ignored by the role. */
static bool feed_some(struct stage_io *io)
{
	while (io->stdin_left.len) {
		ssize_t n = write(io->stdin_fd, io->stdin_left.data, io->stdin_left.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno != EAGAIN;
		io->stdin_left.data += n;
		io->stdin_left.len -= (size_t)n;
	}
	return true;
}

/* The same for live input. False: the pipe is full, or there is nothing now but may be later. */
static bool feed_live(struct stage_io *io)
{
	struct slice before = buf_slice(&io->input);

	io->stdin_left = before;
	bool over = feed_some(io) && (io->stdin_left.len || io->input_ended);
	buf_consume(&io->input, before.len - io->stdin_left.len);
	loop_modify(io->loop, &io->stdin_watch, io->input.len ? EPOLLOUT : 0);
	return over;
}

static void feed_and_tell(struct stage_io *io, bool broken)
{
	bool waiting = io->input.len;

	if (broken || feed_live(io)) {
		stage_io_stop_feeding(io);
		io->deaf = true;
		buf_clear(&io->input);
	}
	if (waiting && io->input.len == 0)
		io->on_fed(io);
}

/* A pipe's reader is gone, or a terminal has nobody on its other side. */
static void on_live_stdin(struct watch *watch, uint32_t events)
{
	feed_and_tell(container_of(watch, struct stage_io, stdin_watch), events & (EPOLLERR | EPOLLHUP));
}

int stage_io_feed(struct stage_io *io, struct slice data)
{
	int rc = io->deaf || io->input_ended ? 0 : buf_append(&io->input, data.data, data.len);

	if (rc == 0 && io->live && io->stdin_fd >= 0)
		feed_and_tell(io, false);
	return rc;
}

void stage_io_feed_end(struct stage_io *io)
{
	io->input_ended = true;
	if (io->live && io->stdin_fd >= 0)
		feed_and_tell(io, false);
}

static void on_writable(struct watch *watch, uint32_t events _unused_)
{
	struct stage_io *io = container_of(watch, struct stage_io, stdin_watch);

	if (feed_some(io))
		stage_io_stop_feeding(io);
}

/* --- draining --- */

static void keep(struct stage_stream *stream, const char *data, size_t len)
{
	struct stage_io *io = stream->io;
	struct slice taken = {data, io->unlimited ? len : MIN_OF(len, stream->left)};
	size_t kept = MIN_OF(taken.len, stream->into->ceiling - stream->into->len);

	if (io->on_data)
		io->on_data(io, (unsigned)(stream - io->streams), taken);
	stream->left -= MIN_OF(taken.len, stream->left);
	*stream->dropped += taken.len - kept;
	if (buf_append(stream->into, taken.data, kept) == 0 && len == taken.len)
		return;
	*stream->truncated = true;
	if (!io->limit_told) {
		io->limit_told = true;
		io->on_limit(io);
	}
}

/* True at the end of the stream. */
static bool drain_some(struct stage_stream *stream, unsigned reads)
{
	static char scratch[READ_BYTES];

	while (reads--) {
		ssize_t n = read(stream->fd, scratch, sizeof(scratch));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno != EAGAIN;
		if (n == 0)
			return true;
		keep(stream, scratch, (size_t)n);
	}
	return false;
}

static void on_readable(struct watch *watch, uint32_t events _unused_)
{
	struct stage_stream *stream = container_of(watch, struct stage_stream, watch);
	struct stage_io *io = stream->io;

	/* who is told hears of both streams in turn */
	if (!drain_some(stream, io->on_data ? 1 : READS_PER_EVENT))
		return;
	stream_close(stream);
	if (stage_io_ended(io))
		io->on_end(io);
}

static uint32_t output_events(const struct stage_io *io)
{
	return io->paused ? 0 : EPOLLIN;
}

void stage_io_pause(struct stage_io *io, bool pause)
{
	io->paused = pause;
	for (size_t i = 0; i < ARRAY_LEN(io->streams); i++)
		if (io->streams[i].fd >= 0)
			loop_modify(io->loop, &io->streams[i].watch, output_events(io));
}

/* --- a terminal --- */

void stage_io_resize(struct stage_io *io, struct window window)
{
	io->resized = window;
	if (io->terminal && !io->awaited && io->streams[0].fd >= 0)
		terminal_resize(io->streams[0].fd, window);
}

/* Both directions, each with a descriptor, as a loop watches one for one thing. */
static int install_terminal(struct stage_io *io, int master_fd)
{
	struct stage_stream *stream = &io->streams[0];

	stream_close(stream);
	stream->fd = master_fd;
	io->stdin_fd = fcntl(master_fd, F_DUPFD_CLOEXEC, 0);
	if (io->resized.rows)
		terminal_resize(master_fd, io->resized);
	if (io->stdin_fd < 0 || loop_add(io->loop, &stream->watch, stream->fd, output_events(io), on_readable) < 0)
		return -1;
	return loop_add(io->loop, &io->stdin_watch, io->stdin_fd, io->input.len ? EPOLLOUT : 0, on_live_stdin);
}

/* What comes instead of it, if the launcher could not make one, is the end. */
static void receive_terminal(struct stage_io *io)
{
	int master_fd = terminal_receive(io->streams[0].fd);

	if (master_fd < 0 && errno == EAGAIN)
		return;
	io->awaited = false;
	if (master_fd < 0 || install_terminal(io, master_fd) < 0)
		stage_io_close(io);
}

static void on_terminal(struct watch *watch, uint32_t events _unused_)
{
	struct stage_io *io = container_of(watch, struct stage_stream, watch)->io;

	receive_terminal(io);
	if (stage_io_ended(io))
		io->on_end(io);
}

void stage_io_collect(struct stage_io *io)
{
	if (io->awaited && io->streams[0].fd >= 0)
		receive_terminal(io);
	for (size_t i = 0; i < ARRAY_LEN(io->streams); i++)
		if (io->streams[i].fd >= 0 && drain_some(&io->streams[i], READS_PER_EVENT))
			stream_close(&io->streams[i]);
}

/* --- opening --- */

/*
 * Our end does not block, the program's does. The mode is opened up because the program has another uid
 * and may open /dev/stdout or /dev/stderr, which asks for permission on the pipe itself.
 */
static int pipe_for(int *ret_ours, int *ret_childs, bool we_write)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -ERR_IO;
	*ret_ours = ends[we_write ? 1 : 0];
	*ret_childs = ends[we_write ? 0 : 1];
	if (fchmod(ends[0], 0666) < 0 || fcntl(*ret_ours, F_SETFL, O_NONBLOCK) < 0)
		return -ERR_IO;
	return 0;
}

/* What is wanted of a stream: all of its set but the descriptor. */
static void begin_stream(struct stage_io *io, unsigned index, struct stage_stream wanted)
{
	struct stage_stream *stream = &io->streams[index];

	*stream = wanted;
	stream->fd = -1;
	stream->io = io;
	buf_init(stream->into, MIN_OF(stream->left, io->keep_bytes));
}

static int open_terminal(struct stage_io *io, struct stage_stream wanted, int child_fds[static 3])
{
	struct stage_stream *stream = &io->streams[0];

	begin_stream(io, 0, wanted);
	io->awaited = true;
	if (terminal_pair(&stream->fd, &child_fds[0]) < 0)
		return -ERR_IO;
	child_fds[1] = fcntl(child_fds[0], F_DUPFD_CLOEXEC, 0);
	child_fds[2] = fcntl(child_fds[0], F_DUPFD_CLOEXEC, 0);
	if (child_fds[1] < 0 || child_fds[2] < 0)
		return -ERR_IO;
	return loop_add(io->loop, &stream->watch, stream->fd, EPOLLIN, on_terminal) < 0 ? -ERR_IO : 0;
}

static int open_stdin(struct stage_io *io, struct slice data, int *ret_child_fd)
{
	if (io->joined_fds[0] >= 0) {
		*ret_child_fd = fd_steal(&io->joined_fds[0]);
		return 0;
	}
	if (pipe_for(&io->stdin_fd, ret_child_fd, true) < 0)
		return -ERR_IO;
	if (io->live)
		return loop_add(io->loop, &io->stdin_watch, io->stdin_fd,
				io->input.len || io->input_ended ? EPOLLOUT : 0, on_live_stdin) < 0
			   ? -ERR_IO
			   : 0;
	io->stdin_left = data;
	if (feed_some(io)) {
		io->stdin_fd = fd_close(io->stdin_fd);
		return 0;
	}
	return loop_add(io->loop, &io->stdin_watch, io->stdin_fd, EPOLLOUT, on_writable) < 0 ? -ERR_IO : 0;
}

static int open_stream(struct stage_io *io, unsigned index, struct stage_stream wanted, int *ret_child_fd)
{
	struct stage_stream *stream = &io->streams[index];

	begin_stream(io, index, wanted);
	if (index == 0 && io->joined_fds[1] >= 0) {
		*ret_child_fd = fd_steal(&io->joined_fds[1]);
		return 0;
	}
	if (pipe_for(&stream->fd, ret_child_fd, false) < 0)
		return -ERR_IO;
	return loop_add(io->loop, &stream->watch, stream->fd, output_events(stream->io), on_readable) < 0 ? -ERR_IO : 0;
}

static int open_pipes(struct stage_io *io, struct slice stdin_data, struct stage_stream out,
		      struct stage_stream err, int fds[static 3])
{
	if (open_stdin(io, stdin_data, &fds[0]) < 0 || open_stream(io, 0, out, &fds[1]) < 0)
		return -ERR_IO;
	return open_stream(io, 1, err, &fds[2]);
}

int stage_io_join(struct stage_io *a, struct stage_io *b)
{
	int there[2], back[2];

	if (pipe2(there, O_CLOEXEC) < 0)
		return -ERR_IO;
	a->joined_fds[1] = there[1];
	b->joined_fds[0] = there[0];
	if (pipe2(back, O_CLOEXEC) < 0)
		return -ERR_IO;
	a->joined_fds[0] = back[0];
	b->joined_fds[1] = back[1];
	/* as in pipe_for */
	return fchmod(there[0], 0666) < 0 || fchmod(back[0], 0666) < 0 ? -ERR_IO : 0;
}

int stage_io_open(struct stage_io *io, struct loop *loop, struct slice stdin_data,
                  uint64_t output_bytes, struct stage_result *result, int ret_child_fds[static 3])
{
	const struct stage_stream out = {.left = output_bytes, .into = &result->out,
					 .truncated = &result->out_truncated, .dropped = &result->out_dropped};
	const struct stage_stream err = {.left = output_bytes, .into = &result->err,
					 .truncated = &result->err_truncated, .dropped = &result->err_dropped};
	int fds[3] = {-1, -1, -1};

	io->loop = loop;
	io->limit_told = false;
	io->deaf = false;
	int rc = io->terminal ? open_terminal(io, out, fds)
			      : open_pipes(io, stdin_data, out, err, fds);
	if (rc < 0) {
		stage_io_close(io);
		for (int i = 0; i < 3; i++)
			fd_close(fds[i]);
		return -ERR_IO;
	}
	for (int i = 0; i < 3; i++)
		ret_child_fds[i] = fds[i];
	return 0;
}
