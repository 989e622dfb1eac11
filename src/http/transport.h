/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking socket, with TLS on it or without. */
#ifndef SG_HTTP_TRANSPORT_H
#define SG_HTTP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct ssl_st;
struct ssl_ctx_st;

struct transport {
	int fd;             /* owned by the caller */
	struct ssl_st *tls; /* NULL: plain */
	uint32_t want;      /* after -ERR_AGAIN of TLS: the epoll event it needs; else 0 */
};

/* 0 or -ERR_NO_MEMORY. */
int transport_init(struct transport *transport, int fd, struct ssl_ctx_st *tls);
/* Frees the TLS state; leaves the descriptor alone. */
void transport_finish(struct transport *transport);

/* 0 when TLS is agreed, -ERR_AGAIN, or -ERR_CLOSED. */
int transport_handshake(struct transport *transport);
/* Bytes read (more than 0), -ERR_AGAIN, or -ERR_CLOSED at the end and after an error. */
ssize_t transport_read(struct transport *transport, void *data, size_t len);
/*
 * Bytes written (more than 0; any part), -ERR_AGAIN, or -ERR_CLOSED. After -ERR_AGAIN the next call
 * must offer the same bytes, at any address.
 */
ssize_t transport_write(struct transport *transport, const struct iovec *parts, size_t count);
/* TLS has bytes that epoll does not know of. */
bool transport_has_pending(const struct transport *transport);
/* Says that nothing more will be written. */
void transport_end(struct transport *transport);

#endif
