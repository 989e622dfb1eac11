/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/unit/sandbox/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "ipc/payload.h"

#define PARENT_FD 3

static _noreturn_ void die(const char *what)
{
	fprintf(stderr, "rig: %s: %s\n", what, strerror(errno));
	abort();
}

void rig_config_default(struct msg_spawner_config *config)
{
	memset(config, 0, sizeof(*config));
	config->uid_base = 1890000000u + (uint32_t)getpid() % 1000 * 5000;
	config->slots_ready = 2;
	config->slots_max = 16;
	config->nosymfollow = 1;
	config->disk_bytes = 64 * MIB;
	config->memory_bytes = 512 * MIB;
	config->processes = 64;
	config->open_files = 256;
	config->cpu_milli = 1000;
	config->memory_bytes_max = 2 * GIB;
	config->disk_bytes_max = GIB;
	config->processes_max = 512;
	config->open_files_max = 4096;
	if (geteuid() != 0)
		config->walls_waived = 1u << WALL_CGROUP; /* nobody has delegated any to us */
}

static void exec_spawner(const char *path, int fd)
{
	if (fd == PARENT_FD)
		fcntl(fd, F_SETFD, 0);
	else if (dup2(fd, PARENT_FD) < 0)
		die("dup2");
	execl(path, "sandglass-spawner", (char *)NULL);
	die(path);
}

static void send_image(struct rig *rig)
{
	const char *root = getenv("SANDGLASS_TEST_ROOT");
	struct msg_image image = {.kind = root && root[0] ? IMAGE_TREE : IMAGE_HOST};
	int fd = open(image.kind == IMAGE_TREE ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || message_send(rig->parent_fd, MSG_SPAWNER_IMAGE, &image, &fd, 1) < 0)
		die("image");
	close(fd);
}

static void receive(int fd, enum role self, struct message *message, void *body)
{
	int rc = message_receive(fd, self, ROLE_SPAWNER, message, body, MESSAGE_BODY_MAX);

	if (rc < 0) {
		errno = -rc;
		die("the spawner says nothing sensible");
	}
}

void rig_reconnect(struct rig *rig)
{
	struct msg_connect connect = {.role = ROLE_FRONT};
	int ends[2];

	if (rig->front_fd >= 0)
		close(rig->front_fd);
	if (channel_pair(ends) < 0 ||
	    message_send(rig->parent_fd, MSG_ANY_CONNECT, &connect, &ends[1], 1) < 0)
		die("connect");
	close(ends[1]);
	rig->front_fd = ends[0];
}

void rig_start(struct rig *rig, const char *spawner_path, const struct msg_spawner_config *config)
{
	_Alignas(8) char body[MESSAGE_BODY_MAX];
	struct message message;
	int ends[2];

	struct msg_spawner_config own = *config; /* may be rig->config */

	memset(rig, 0, sizeof(*rig));
	rig->config = own;
	rig->next_job = 1;
	rig->front_fd = -1;
	if (channel_pair(ends) < 0 || (rig->spawner = fork()) < 0)
		die("start");
	if (rig->spawner == 0)
		exec_spawner(spawner_path, ends[1]);
	close(ends[1]);
	rig->parent_fd = ends[0];
	if (message_send(rig->parent_fd, MSG_SPAWNER_CONFIGURE, &own, NULL, 0) < 0)
		die("configure");
	send_image(rig);
	rig_reconnect(rig);
	receive(rig->parent_fd, ROLE_PARENT, &message, body);
	receive(rig->front_fd, ROLE_FRONT, &message, body);
	if (message.type != MSG_FRONT_WALLS)
		die("no walls");
	memcpy(&rig->walls, body, sizeof(rig->walls));
}

void rig_stop(struct rig *rig)
{
	int status;

	close(rig->front_fd);
	close(rig->parent_fd);
	if (waitpid(rig->spawner, &status, 0) != rig->spawner || status != 0) {
		fprintf(stderr, "rig: the spawner ended with %#x\n", status);
		abort();
	}
}

/* --- payloads --- */

static void append(struct buf *buf, const void *data, size_t len)
{
	if (buf_append(buf, data, len) < 0)
		die("payload");
}

static void append_file(struct buf *buf, const char *name, const char *text)
{
	struct payload_file record = {
	    .name_bytes = (uint32_t)strlen(name), .mode = 0644, .data_bytes = strlen(text), .mtime_ns = PAYLOAD_NO_TIME};
	static const char zeros[8];

	append(buf, zeros, -buf->len % 8);
	append(buf, &record, sizeof(record));
	append(buf, name, strlen(name) + 1);
	append(buf, text, strlen(text));
}

static int make_payload(const struct rig_program *program)
{
	static const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home",
					  "LANG=C.UTF-8"};
	struct payload_header header = {.magic = PAYLOAD_MAGIC, .envc = ARRAY_LEN(env)};
	struct buf buf;

	buf_init(&buf, GIB);
	append(&buf, &header, sizeof(header));
	for (const char *const *arg = program->argv; *arg; arg++, header.argc++)
		append(&buf, *arg, strlen(*arg) + 1);
	for (size_t i = 0; i < ARRAY_LEN(env); i++)
		append(&buf, env[i], strlen(env[i]) + 1);
	header.strings_bytes = buf.len - sizeof(header);
	for (const char *const *file = program->files; file && *file;
	     file += 2, header.file_count++)
		append_file(&buf, file[0], file[1]);
	if (program->artefact)
		snprintf(header.artefact, sizeof(header.artefact), "%s", program->artefact);
	header.total_bytes = buf.len;
	memcpy(buf.data, &header, sizeof(header));
	int fd = fd_sealed_copy("payload", buf.data, buf.len);
	if (fd < 0)
		die("memfd");
	buf_finish(&buf);
	return fd;
}

/* --- runs --- */

static uint64_t or_default(uint64_t value, uint64_t otherwise)
{
	return value ? value : otherwise;
}

uint64_t rig_send(struct rig *rig, const struct rig_program *program, const int stdio[3])
{
	const struct run_limits *asked = &program->limits;
	const struct msg_spawner_config *config = &rig->config;
	struct msg_run run = {.job = rig->next_job++, .stage = program->stage};
	int fds[MSG_FDS_MAX] = {make_payload(program), stdio[0], stdio[1], stdio[2]};
	unsigned fd_count = 4;

	if (program->artefact_fd >= 0)
		fds[fd_count++] = program->artefact_fd;
	run.collect = program->collect_fd != 0;
	if (run.collect)
		fds[fd_count++] = program->collect_fd;

	run.limits.wall_ns = or_default(asked->wall_ns, 10 * NS_PER_SEC);
	run.limits.cpu_ns = or_default(asked->cpu_ns, 10 * NS_PER_SEC);
	run.limits.memory_bytes = or_default(asked->memory_bytes, config->memory_bytes);
	run.limits.disk_bytes = or_default(asked->disk_bytes, config->disk_bytes);
	run.limits.artefact_bytes = or_default(asked->artefact_bytes, 16 * MIB);
	run.limits.processes = (uint32_t)or_default(asked->processes, config->processes);
	run.limits.open_files = (uint32_t)or_default(asked->open_files, config->open_files);
	run.limits.cpu_milli = (uint32_t)or_default(asked->cpu_milli, config->cpu_milli);
	if (message_send(rig->front_fd, MSG_SPAWNER_RUN, &run, fds, fd_count) < 0)
		die("run");
	close(fds[0]);
	return run.job;
}

/* Takes one message; true when it was the answer to the job. */
static bool take_answer(struct rig *rig, uint64_t job, struct rig_result *result)
{
	_Alignas(8) char body[MESSAGE_BODY_MAX];
	struct message message;

	receive(rig->front_fd, ROLE_FRONT, &message, body);
	if (message.type == MSG_FRONT_RUN_DONE && ((struct msg_run_done *)body)->job == job)
		memcpy(&result->done, body, sizeof(result->done));
	else if (message.type == MSG_FRONT_RUN_FAILED &&
		 ((struct msg_run_failed *)body)->job == job)
		memcpy(&result->failure, body, sizeof(result->failure));
	else
		return false;
	result->failed = message.type == MSG_FRONT_RUN_FAILED;
	return true;
}

void rig_wait(struct rig *rig, uint64_t job, struct rig_result *ret_result)
{
	while (!take_answer(rig, job, ret_result))
		;
}

static bool drain(int fd, char *out, size_t *used)
{
	char spill[4096];
	bool full = *used == RIG_OUTPUT_BYTES - 1;
	ssize_t n = read(fd, full ? spill : out + *used,
			 full ? sizeof(spill) : RIG_OUTPUT_BYTES - 1 - *used);

	if (n > 0 && !full)
		*used += (size_t)n;
	return n > 0;
}

void rig_run(struct rig *rig, const struct rig_program *program, struct rig_result *ret_result)
{
	int in[2], out[2], err[2];
	size_t used[2] = {0, 0};
	bool answered = false;

	memset(&ret_result->done, 0, sizeof(ret_result->done));
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("pipe");
	fchmod(out[1], 0666);
	fchmod(err[1], 0666);
	fchmod(in[0], 0666);
	if (program->input)
		fd_write_all(in[1], program->input, strlen(program->input));
	close(in[1]);
	uint64_t sent_ns = clock_now_ns();
	uint64_t job = rig_send(rig, program, (int[3]){in[0], out[1], err[1]});
	uint64_t kill_ns =
	    program->kill_after_ms ? sent_ns + program->kill_after_ms * NS_PER_MS : UINT64_MAX;
	close(in[0]);
	close(out[1]);
	close(err[1]);
	struct pollfd polls[3] = {
	    {rig->front_fd, POLLIN, 0}, {out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
	while (!answered || polls[1].fd >= 0 || polls[2].fd >= 0) {
		if (poll(polls, 3, kill_ns == UINT64_MAX ? -1 : 5) < 0)
			die("poll");
		if (clock_now_ns() >= kill_ns) {
			struct msg_kill kill = {.job = job, .reason = KILL_OUTPUT_LIMIT};
			message_send(rig->front_fd, MSG_SPAWNER_KILL, &kill, NULL, 0);
			kill_ns = UINT64_MAX;
		}
		if (polls[1].revents && !drain(out[0], ret_result->out, &used[0]))
			polls[1].fd = -1;
		if (polls[2].revents && !drain(err[0], ret_result->err, &used[1]))
			polls[2].fd = -1;
		if (polls[0].revents && take_answer(rig, job, ret_result)) {
			ret_result->latency_ns = clock_now_ns() - sent_ns;
			answered = true;
			polls[0].fd = -1;
		}
	}
	ret_result->out[used[0]] = ret_result->err[used[1]] = '\0';
	close(out[0]);
	close(err[0]);
}
