/* SPDX-License-Identifier: Apache-2.0 */
/* The ceiling of everything in this room that grows with what a client sends. */
#ifndef SG_HTTP_LIMITS_H
#define SG_HTTP_LIMITS_H

#include "base/util.h"

/* the head of a request; past them 431, for the target 414 */
#define HTTP_HEAD_BYTES_MAX            (16 * KIB)
#define HTTP_TARGET_BYTES_MAX          (8 * KIB)
#define HTTP_METHOD_BYTES_MAX          32u
#define HTTP_HEADERS_MAX               100u

/* 15 digits are below 2^50: sums of them with anything here do not overflow 64 bits */
#define HTTP_CONTENT_LENGTH_DIGITS_MAX 15u

/*
 * Chunked bodies: one line with a chunk's size and extensions, and all lines of a body together
 * (sizes, extensions, trailers). The second grows with the data, so that honest small chunks pass
 * and a stream of extensions does not.
 */
#define HTTP_CHUNK_LINE_BYTES_MAX      256u
#define HTTP_FRAMING_BYTES_MAX         (16 * KIB)
#define HTTP_FRAMING_BYTES_PER_BYTE    8u

/* one read; also all that is kept of what a client sent ahead (pipelining) */
#define HTTP_READ_BYTES                HTTP_HEAD_BYTES_MAX
#define HTTP_BODY_READ_BYTES           (256 * KIB)

/* a body that is taken as it comes: one piece of it, and all, which its handler bounds much lower */
#define HTTP_TAKEN_READ_BYTES          (64 * KIB)
#define HTTP_TAKEN_BYTES_MAX           (1ull << 50)

/* bodies of all requests together, when larger than one body may be; past it 503 */
#define HTTP_BODIES_BYTES_MAX          (512 * MIB)
/* All replies that clients have not taken yet; past it 503, whatever the reply was. */
#define HTTP_REPLIES_BYTES_MAX         (512 * MIB)

/*
 * What a handler may take from a request's arena: this, and so much per byte of the largest body. What a run is made
 * of may be named in a small body and copied from the database, two documents of 16 MiB at the most.
 */
#define HTTP_ARENA_BYTES               (36 * MIB)
#define HTTP_ARENA_BYTES_PER_BODY_BYTE 4u

#define HTTP_REPLY_HEAD_BYTES_MAX      (16 * KIB)
#define HTTP_ERROR_BODY_BYTES_MAX      (4 * KIB)

/* answers in pieces: past the first the client counts as slow; a piece may still pass it */
#define HTTP_STREAM_FULL_BYTES         (128 * KIB)
#define HTTP_STREAM_BYTES_MAX          (1 * MIB)

/* TLS: one record */
#define HTTP_TLS_WRITE_BYTES           (16 * KIB)

/*
 * Lingering close: after the last reply a client may still be sending; closing on unread bytes
 * would reset the connection and take the reply away from it (RFC 9112 9.6).
 */
#define HTTP_LINGER_MS                 5000u
#define HTTP_LINGER_BYTES_MAX          (64 * MIB)

/* connections taken per wake-up, and the rest after the process ran out of descriptors */
#define HTTP_ACCEPT_BATCH              64u
#define HTTP_ACCEPT_PAUSE_MS           50u

/* a client that vanished without a word is noticed after this: idle + interval * count */
#define HTTP_TCP_IDLE_S                30
#define HTTP_TCP_INTERVAL_S            10
#define HTTP_TCP_COUNT                 3

/*
 * WebSocket: frames made ready for the socket, and what may be queued before the client counts as
 * slow. The second is passed by one message and by what a run's pipes still hold at its end.
 */
#define HTTP_SOCKET_OUT_BYTES          (64 * KIB)
#define HTTP_SOCKET_CLOSE_BYTES        4u /* and behind them a last one, when the client breaks the protocol */
#define HTTP_SOCKET_QUEUE_BYTES        (256 * KIB)

#endif
