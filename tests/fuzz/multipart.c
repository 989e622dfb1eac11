/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of multipart/form-data: however they are cut, the same parts come out of them, and no byte is lost or made. */
#include "http/multipart.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/util.h"
#include "insist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void note(struct buf *out, const struct multipart *multipart, int event, struct slice piece)
{
	if (event == MULTIPART_PART)
		buf_printf(out, "[%s %.*s]", multipart->name, (int)multipart->type.len,
			   multipart->type.data ? multipart->type.data : "");
	else if (event == MULTIPART_DATA)
		buf_append(out, piece.data, piece.len);
	else
		buf_append_text(out, event < 0 ? "[refused]" : "[end]");
}

/* In pieces of this size. */
static void parse(struct slice body, size_t size, struct buf *out)
{
	struct multipart multipart;
	struct slice piece;
	struct err err;
	size_t left = body.len;
	int event = 0;

	insist(multipart_init(&multipart, slice_from("multipart/form-data; boundary=b")), "a boundary");
	while (body.len && event >= 0) {
		struct slice now = {body.data, MIN_OF(size, body.len)};
		body.data += now.len;
		body.len -= now.len;
		while ((event = multipart_next(&multipart, &now, &piece, &err)) != MULTIPART_MORE) {
			note(out, &multipart, event, piece);
			insist(event != MULTIPART_DATA || (piece.len && piece.len <= left), "data is what came");
			left -= event == MULTIPART_DATA ? piece.len : 0;
			if (event < 0)
				break;
		}
		insist(event < 0 || now.len == 0, "all is used");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf whole, cut;

	if (len < 1)
		return 0;
	struct slice body = {(const char *)data + 1, len - 1};
	buf_init(&whole, 64 * MIB);
	buf_init(&cut, 64 * MIB);
	parse(body, SIZE_MAX, &whole);
	parse(body, data[0] % 16 + 1u, &cut);
	insist(slice_equal(buf_slice(&whole), buf_slice(&cut)), "where a piece ends changes nothing");
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
