/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load PORT REQUEST CONNECTIONS COUNT EXPECTED [PAUSE_US]
 *
 * Sends the bytes of the file REQUEST to 127.0.0.1:PORT over CONNECTIONS keep-alive connections,
 * each of which sends its next request when it has the whole answer to the one before, COUNT times
 * in all. An answer that is not 200 or does not hold the text EXPECTED ends the program. With
 * PAUSE_US it waits so long before each request, which shows what a run costs when the server is
 * not clearing up after the last one. Eight @ in the request are overwritten with a number that is
 * never the same, so that no cache knows it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

#define ANSWER_BYTES 65536
#define COUNTER	     "@@@@@@@@"

struct connection {
	int fd;
	uint64_t sent_ns;
	size_t len;
	char answer[ANSWER_BYTES];
};

struct load {
	char *request, *counter; /* counter: NULL, or eight digits in request */
	size_t request_len;
	unsigned number;
	const char *expected;
	useconds_t pause_us;
	int epoll_fd;
	size_t started, ended, count;
	uint64_t *samples;
};

static void read_request(struct load *load, const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file || fseek(file, 0, SEEK_END) < 0)
		DIE("cannot read %s", path);
	load->request_len = (size_t)ftell(file);
	rewind(file);
	load->request = malloc(load->request_len);
	if (!load->request || fread(load->request, 1, load->request_len, file) != load->request_len)
		DIE("cannot read %s", path);
	fclose(file);
	load->counter = memmem(load->request, load->request_len, COUNTER, strlen(COUNTER));
	load->number = (unsigned)(now_ns() / 1000000);
}

static void connection_open(struct connection *c, const struct load *load, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		DIE("cannot connect to port %d: %m", port);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0)
		DIE("epoll_ctl: %m");
}

static void connection_send(struct connection *c, struct load *load)
{
	size_t done = 0;

	if (load->started == load->count)
		return;
	load->started++;
	if (load->pause_us)
		usleep(load->pause_us);
	if (load->counter) {
		char digits[16];
		snprintf(digits, sizeof(digits), "%08u", load->number++ % 100000000);
		memcpy(load->counter, digits, strlen(COUNTER));
	}
	c->len = 0;
	c->sent_ns = now_ns();
	while (done < load->request_len) {
		ssize_t n = write(c->fd, load->request + done, load->request_len - done);
		if (n < 0)
			DIE("write: %m");
		done += (size_t)n;
	}
}

/* Bytes of the whole answer, 0 while that is not known yet. */
static size_t answer_bytes(const struct connection *c)
{
	const char *end = strstr(c->answer, "\r\n\r\n");
	const char *length = strcasestr(c->answer, "\r\nContent-Length:");

	if (!end)
		return 0;
	if (!length || length > end)
		DIE("an answer without Content-Length: %s", c->answer);
	return (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
}

static void connection_receive(struct connection *c, struct load *load)
{
	ssize_t n = read(c->fd, c->answer + c->len, sizeof(c->answer) - 1 - c->len);

	if (n <= 0)
		DIE("the server closed the connection");
	c->len += (size_t)n;
	c->answer[c->len] = '\0';
	size_t whole = answer_bytes(c);
	if (whole == 0 || c->len < whole)
		return;
	load->samples[load->ended++] = now_ns() - c->sent_ns;
	if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0 || !strstr(c->answer, load->expected))
		DIE("not the expected answer: %s", c->answer);
	connection_send(c, load);
}

int main(int argc, char **argv)
{
	struct load load = {.epoll_fd = epoll_create1(0)};
	struct epoll_event events[64];

	if (argc < 6)
		DIE("usage: load PORT REQUEST CONNECTIONS COUNT EXPECTED [PAUSE_US]");
	read_request(&load, argv[2]);
	size_t connections = strtoul(argv[3], NULL, 10);
	load.count = strtoul(argv[4], NULL, 10);
	load.expected = argv[5];
	load.pause_us = argc > 6 ? (useconds_t)strtoul(argv[6], NULL, 10) : 0;
	load.samples = calloc(load.count, sizeof(*load.samples));
	struct connection *all = calloc(connections, sizeof(*all));
	if (!load.samples || !all)
		DIE("out of memory");
	for (size_t i = 0; i < connections; i++)
		connection_open(&all[i], &load, atoi(argv[1]));
	uint64_t began_ns = now_ns();
	for (size_t i = 0; i < connections; i++)
		connection_send(&all[i], &load);
	while (load.ended < load.count) {
		int n = epoll_wait(load.epoll_fd, events, 64, -1);
		for (int i = 0; i < n; i++)
			connection_receive(events[i].data.ptr, &load);
	}
	print_samples(now_ns() - began_ns, load.samples, load.count);
	return 0;
}
