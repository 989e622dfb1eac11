/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/channel.h"
#include "ipc/message.h"
#include "ipc/walls.h"

static int count_open_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Every row of messages.def passes exactly as it says, and in no other way. */
static void only_what_a_row_says_is_allowed(void **state _unused_)
{
	for (uint32_t type = 1; type < MSG_COUNT; type++) {
		size_t size = message_size((enum msg_type)type);
		unsigned passed = 0;
		for (int self = ROLE_PARENT; self < ROLE_ANY; self++)
			for (int peer = ROLE_PARENT; peer < ROLE_ANY; peer++)
				for (unsigned fds = 0; fds <= MSG_FDS_MAX; fds++) {
					bool allowed = message_allowed(type, (enum role)self, (enum role)peer, size, fds);
					passed += allowed;
					assert_false(message_allowed(type, (enum role)self, (enum role)peer, size + 1, fds));
					assert_false(message_allowed(type, (enum role)self, (enum role)peer, size - 1, fds));
				}
		assert_true(passed > 0);
	}
	assert_false(message_allowed(0, ROLE_FRONT, ROLE_PARENT, 4, 0));
	assert_false(message_allowed(MSG_COUNT, ROLE_FRONT, ROLE_PARENT, 4, 0));
	assert_false(message_allowed(UINT32_MAX, ROLE_FRONT, ROLE_PARENT, 4, 0));
	assert_false(message_allowed(MSG_SPAWNER_CONFIGURE, ROLE_SPAWNER, ROLE_FRONT,
	                             sizeof(struct msg_spawner_config), 0));
}

static void descriptors_arrive_and_are_closed_on_exec(void **state _unused_)
{
	int before = count_open_fds();
	int ends[2], pipe_fds[2];
	struct message message;
	char body[MESSAGE_BODY_MAX];
	struct msg_connect connect = {.role = ROLE_STORE};

	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(message_send(ends[0], MSG_ANY_CONNECT, &connect, pipe_fds, 1), 0);
	assert_int_equal(message_receive(ends[1], ROLE_FRONT, ROLE_PARENT, &message, body, sizeof(body)), 0);
	assert_int_equal(message.type, MSG_ANY_CONNECT);
	assert_int_equal(((const struct msg_connect *)message.body)->role, ROLE_STORE);
	int got = msg_take_fd(&message, 0);
	assert_true(got >= 0 && (fcntl(got, F_GETFD) & FD_CLOEXEC));
	assert_int_equal(msg_take_fd(&message, 0), -1);
	close(got);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	fd_close(ends[0]);
	assert_int_equal(message_receive(ends[1], ROLE_FRONT, ROLE_PARENT, &message, body, sizeof(body)), -ERR_CLOSED);
	fd_close(ends[1]);
	assert_int_equal(count_open_fds(), before);
}

/* Raw bytes of a hostile peer: refused, and whatever descriptors came along are closed. */
static void nonsense_is_refused_and_leaks_nothing(void **state _unused_)
{
	static const struct {
		uint32_t type;
		size_t size;
		unsigned fds;
	} rows[] = {
	    {MSG_ANY_CONNECT, sizeof(struct msg_connect), 0},     {MSG_ANY_CONNECT, sizeof(struct msg_connect) + 1, 1},
	    {MSG_ANY_CONNECT, 0, 1},                              {MSG_FRONT_RUN_DONE, sizeof(struct msg_run_done), 0},
	    {0, 4, 0},                                            {77777, 4, 3},
	    {MSG_ANY_DRAIN, sizeof(struct msg_empty), 2},         {MSG_ANY_DRAIN, MESSAGE_BODY_MAX + 100, 0},
	};
	static char bytes[MESSAGE_BODY_MAX + 200];
	int before = count_open_fds();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message message;
		char body[MESSAGE_BODY_MAX];
		int ends[2], fds[MSG_FDS_MAX];
		uint32_t head[2] = {rows[i].type, 0};
		struct iovec iov[2] = {{head, sizeof(head)}, {bytes, rows[i].size}};
		_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fds))] = {0};
		struct msghdr header = {.msg_iov = iov, .msg_iovlen = 2};

		assert_int_equal(channel_pair(ends), 0);
		for (unsigned k = 0; k < rows[i].fds; k++)
			fds[k] = ends[0];
		if (rows[i].fds) {
			header.msg_control = control;
			header.msg_controllen = CMSG_SPACE(sizeof(int) * rows[i].fds);
			struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
			cmsg->cmsg_level = SOL_SOCKET;
			cmsg->cmsg_type = SCM_RIGHTS;
			cmsg->cmsg_len = CMSG_LEN(sizeof(int) * rows[i].fds);
			memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * rows[i].fds);
		}
		assert_true(sendmsg(ends[0], &header, 0) > 0);
		assert_int_equal(message_receive(ends[1], ROLE_FRONT, ROLE_PARENT, &message, body, sizeof(body)),
		                 -ERR_PROTOCOL);
		fd_close(ends[0]);
		fd_close(ends[1]);
		assert_int_equal(count_open_fds(), before);
	}
}

/* --- a channel on a loop --- */

static struct loop *loop;
static unsigned received;

static void on_hold(struct channel *channel _unused_, struct message *message)
{
	const struct msg_hold *msg = message->body;

	assert_int_equal(msg->place, received);
	if (++received == 1000)
		loop_stop(loop);
}

static const message_fn handlers[MSG_COUNT] = {[MSG_PARENT_RELEASE] = on_hold};

static void a_full_socket_queues_in_order(void **state _unused_)
{
	struct channel sender, receiver;
	int ends[2];

	loop = loop_create();
	received = 0;
	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(channel_open(&sender, loop, ends[0], ROLE_FRONT, ROLE_PARENT, handlers, NULL), 0);
	assert_int_equal(channel_open(&receiver, loop, ends[1], ROLE_PARENT, ROLE_FRONT, handlers, NULL), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		struct msg_hold msg = {.place = i};
		assert_int_equal(channel_send(&sender, MSG_PARENT_RELEASE, &msg, NULL, 0), 0);
	}
	assert_true(sender.outgoing.len > 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(received, 1000);
	channel_close(&sender);
	channel_close(&receiver);
	struct msg_hold msg = {0};
	assert_int_equal(channel_send(&sender, MSG_PARENT_RELEASE, &msg, NULL, 0), -ERR_CLOSED);
	loop_destroy(loop);
}

static void walls_are_read_by_name(void **state _unused_)
{
	uint64_t bits;
	struct err err;

	assert_int_equal(walls_parse("", &bits, &err), 0);
	assert_int_equal(bits, 0);
	assert_int_equal(walls_parse("cgroup, SECCOMP", &bits, &err), 0);
	assert_int_equal(bits, 1ull << WALL_CGROUP | 1ull << WALL_SECCOMP);
	assert_int_equal(walls_parse("cgroup,moat", &bits, &err), -ERR_CONFIG);
	assert_non_null(strstr(err.text, "moat"));
	for (int i = 0; i < WALL_COUNT; i++) {
		assert_int_equal(walls_parse(wall_name((enum wall)i), &bits, &err), 0);
		assert_int_equal(bits, 1ull << i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_a_row_says_is_allowed),
	    cmocka_unit_test(descriptors_arrive_and_are_closed_on_exec),
	    cmocka_unit_test(nonsense_is_refused_and_leaks_nothing),
	    cmocka_unit_test(a_full_socket_queues_in_order),
	    cmocka_unit_test(walls_are_read_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
