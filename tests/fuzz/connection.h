/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a client through a whole connection. The first four bytes of an input say how the rest
 * is cut; in one piece it must lead to the same transcript, because where a packet ends may never
 * change what is meant.
 */
#ifndef SG_TESTS_FUZZ_CONNECTION_H
#define SG_TESTS_FUZZ_CONNECTION_H

#include <stdint.h>

#include "base/buf.h"
#include "http/http.h"
#include "insist.h"

struct connection_fuzz {
	uint64_t body_bytes_max;
	const char *opening; /* sent ahead, whole; NULL: nothing */
	void (*on_head)(struct http_request *request, void *ctx); /* may be NULL */
	void (*on_request)(struct http_request *request, void *ctx);
	void (*on_turn)(void); /* after each turn of the loop; NULL: nothing is to be done */
	void (*on_end)(const struct buf *in, bool closed); /* all that the client got */
	void (*on_closed)(void); /* and the connection is gone; may be NULL */
};

/* What one delivery led to, as the harness writes it down. */
extern struct buf *transcript;

/* What LLVMFuzzerTestOneInput returns. */
int connection_fuzz(const struct connection_fuzz *fuzz, const uint8_t *data, size_t len);

#endif
