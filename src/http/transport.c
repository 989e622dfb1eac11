/* SPDX-License-Identifier: Apache-2.0 */
#include "http/transport.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/util.h"
#include "http/limits.h"

int transport_init(struct transport *transport, int fd, struct ssl_ctx_st *tls)
{
	*transport = (struct transport){.fd = fd};
	if (!tls)
		return 0;
	SSL *ssl = SSL_new(tls);
	if (!ssl || !SSL_set_fd(ssl, fd)) {
		SSL_free(ssl);
		ERR_clear_error();
		return -ERR_NO_MEMORY;
	}
	SSL_set_accept_state(ssl);
	transport->tls = ssl;
	return 0;
}

void transport_finish(struct transport *transport)
{
	SSL_free(transport->tls);
	transport->tls = NULL;
}

/*
 * SSL_get_error(3): either direction of TLS may need the other one of the socket. The error queue
 * is per thread, so what one connection leaves there would be taken for the next one's.
 */
static int tls_failed(struct transport *transport, int rc)
{
	int error = SSL_get_error(transport->tls, rc);

	ERR_clear_error();
	if (error == SSL_ERROR_WANT_READ)
		transport->want = EPOLLIN;
	else if (error == SSL_ERROR_WANT_WRITE)
		transport->want = EPOLLOUT;
	else
		return -ERR_CLOSED;
	return -ERR_AGAIN;
}

static int socket_failed(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? -ERR_AGAIN : -ERR_CLOSED;
}

int transport_handshake(struct transport *transport)
{
	transport->want = 0;
	int rc = SSL_do_handshake(transport->tls);
	return rc == 1 ? 0 : tls_failed(transport, rc);
}

ssize_t transport_read(struct transport *transport, void *data, size_t len)
{
	transport->want = 0;
	if (transport->tls) {
		int got = SSL_read(transport->tls, data, (int)MIN_OF(len, (size_t)INT32_MAX));
		return got > 0 ? got : tls_failed(transport, got);
	}
	ssize_t got = recv(transport->fd, data, len, 0);
	if (got == 0)
		return -ERR_CLOSED;
	return got > 0 ? got : socket_failed();
}

/*
 * One record from several parts: head and body of a small reply leave in one packet. After WANT_*
 * OpenSSL insists on the same bytes but, with SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, not on the
 * place.
 */
static ssize_t tls_write(struct transport *transport, const struct iovec *parts, size_t count)
{
	static char record[HTTP_TLS_WRITE_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < count && len < sizeof(record); i++) {
		size_t n = MIN_OF(parts[i].iov_len, sizeof(record) - len);
		if (n)
			memcpy(record + len, parts[i].iov_base, n);
		len += n;
	}
	int sent = SSL_write(transport->tls, record, (int)len);
	return sent > 0 ? sent : tls_failed(transport, sent);
}

ssize_t transport_write(struct transport *transport, const struct iovec *parts, size_t count)
{
	struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};

	transport->want = 0;
	if (transport->tls)
		return tls_write(transport, parts, count);
	ssize_t sent = sendmsg(transport->fd, &message, MSG_NOSIGNAL);
	return sent >= 0 ? sent : socket_failed();
}

bool transport_has_pending(const struct transport *transport)
{
	return transport->tls && SSL_has_pending(transport->tls);
}

void transport_end(struct transport *transport)
{
	/* close_notify, as far as the socket takes it; the client's own is not waited for. */
	if (transport->tls && SSL_is_init_finished(transport->tls)) {
		SSL_shutdown(transport->tls);
		ERR_clear_error();
	}
	shutdown(transport->fd, SHUT_WR);
}
