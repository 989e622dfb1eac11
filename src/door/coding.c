/* SPDX-License-Identifier: Apache-2.0 */
#include "door/coding.h"

#include <stdlib.h>
#include <strings.h>

#include <zlib.h>
#include <zstd.h>

#include "base/err.h"

/* The fastest: what counts is the answer's way, and JSON of programs' output shrinks well anyhow.
 */
#define LEVEL	    1
#define OUT_BYTES   (32 * KIB)
#define QUALITY_ONE 1000

static const char *const names[CODING_COUNT] = {[CODING_GZIP] = "gzip", [CODING_ZSTD] = "zstd"};

const char *coding_name(enum coding coding)
{
	return names[coding];
}

/* --- what a client takes --- */

static bool name_is(struct slice text, const char *name)
{
	return text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0;
}

static struct slice trim(struct slice text)
{
	while (text.len && strchr(" \t", text.data[0]))
		text = (struct slice){text.data + 1, text.len - 1};
	while (text.len && strchr(" \t", text.data[text.len - 1]))
		text.len--;
	return text;
}

/* Up to a byte, which goes too; *rest is what follows. */
static struct slice cut(struct slice *rest, char at)
{
	const char *end = rest->len ? memchr(rest->data, at, rest->len) : NULL;
	struct slice part = {rest->data, end ? (size_t)(end - rest->data) : rest->len};
	size_t used = part.len + (end != NULL);

	*rest = (struct slice){rest->data + used, rest->len - used};
	return trim(part);
}

/* "q=0.5" in thousandths (RFC 9110, 12.4.2); what cannot be read is not wanted. */
static int quality_of(struct slice weight)
{
	int quality = 0, unit = QUALITY_ONE;

	if (weight.len == 0)
		return QUALITY_ONE;
	if (weight.len < 3 || strncasecmp(weight.data, "q=", 2) != 0)
		return 0;
	for (size_t i = 2; i < weight.len && unit > 0; i++) {
		if (weight.data[i] == '.')
			continue;
		if (weight.data[i] < '0' || weight.data[i] > '9')
			return 0;
		quality += (weight.data[i] - '0') * unit;
		unit /= 10;
	}
	return MIN_OF(quality, QUALITY_ONE);
}

static enum coding coding_of(struct slice name)
{
	if (name_is(name, "x-gzip")) /* RFC 9110, 8.4.1.3 */
		return CODING_GZIP;
	for (unsigned i = 0; i < CODING_COUNT; i++)
		if (names[i] && name_is(name, names[i]))
			return (enum coding)i;
	return name_is(name, "identity") ? CODING_IDENTITY : CODING_COUNT;
}

enum coding coding_choose(struct slice accept)
{
	int qualities[CODING_COUNT] = {-1, -1, -1}, others = -1;
	enum coding best = CODING_IDENTITY;

	while (accept.len) {
		struct slice weight = cut(&accept, ','), name = cut(&weight, ';');
		enum coding coding = coding_of(name);
		if (coding != CODING_COUNT)
			qualities[coding] = quality_of(trim(weight));
		else if (name_is(name, "*"))
			others = quality_of(trim(weight));
	}
	int least = MAX_OF(qualities[CODING_IDENTITY], 1);
	for (unsigned i = CODING_GZIP; i < CODING_COUNT; i++) {
		int quality = qualities[i] < 0 ? others : qualities[i];
		if (quality < least)
			continue;
		least = quality;
		best = (enum coding)i;
	}
	return best;
}

/* --- compressing --- */

struct coder {
	enum coding coding;
	struct slice in;
	size_t at;
	struct buf out;
	z_stream gzip;
	ZSTD_CCtx *zstd;
};

static int begin_gzip(struct coder *coder)
{
	/* 15 bits of window, and 16 that say gzip: zlib.h, deflateInit2 */
	return deflateInit2(&coder->gzip, LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK
		   ? 0
		   : -ERR_NO_MEMORY;
}

/* Told the size, it takes no more memory than that needs. */
static int begin_zstd(struct coder *coder)
{
	coder->zstd = ZSTD_createCCtx();
	if (!coder->zstd ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(coder->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(coder->zstd, coder->in.len)))
		return -ERR_NO_MEMORY;
	return 0;
}

struct coder *coder_create(enum coding coding, struct slice in)
{
	struct coder *coder = calloc(1, sizeof(*coder));

	if (!coder)
		return NULL;
	coder->coding = coding;
	coder->in = in;
	buf_init(&coder->out, in.len);
	if ((coding == CODING_GZIP ? begin_gzip(coder) : begin_zstd(coder)) < 0) {
		coder_destroy(coder);
		return NULL;
	}
	return coder;
}

void coder_destroy(struct coder *coder)
{
	if (!coder)
		return;
	if (coder->coding == CODING_GZIP)
		deflateEnd(&coder->gzip);
	ZSTD_freeCCtx(coder->zstd);
	buf_finish(&coder->out);
	free(coder);
}

struct buf *coder_out(struct coder *coder)
{
	return &coder->out;
}

/* These two compress a part and give back whether the coder has nothing more to say about it. */
static int gzip_part(struct coder *coder, struct slice *part, bool last)
{
	char out[OUT_BYTES];

	coder->gzip.next_in = (Bytef *)part->data;
	coder->gzip.avail_in = (uInt)part->len;
	coder->gzip.next_out = (Bytef *)out;
	coder->gzip.avail_out = sizeof(out);
	int rc = deflate(&coder->gzip, last ? Z_FINISH : Z_NO_FLUSH);
	size_t used = part->len - coder->gzip.avail_in;
	*part = (struct slice){part->data + used, part->len - used};
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return -ERR_NO_MEMORY;
	bool room_left = coder->gzip.avail_out > 0;
	int appended = buf_append(&coder->out, out, sizeof(out) - coder->gzip.avail_out);
	return appended < 0 ? appended : last ? rc == Z_STREAM_END : room_left;
}

static int zstd_part(struct coder *coder, struct slice *part, bool last)
{
	char bytes[OUT_BYTES];
	ZSTD_inBuffer in = {part->data, part->len, 0};
	ZSTD_outBuffer out = {bytes, sizeof(bytes), 0};
	size_t left =
	    ZSTD_compressStream2(coder->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);

	if (ZSTD_isError(left))
		return -ERR_NO_MEMORY;
	*part = (struct slice){part->data + in.pos, part->len - in.pos};
	int appended = buf_append(&coder->out, bytes, out.pos);
	return appended < 0 ? appended : last ? left == 0 : part->len == 0;
}

int coder_step(struct coder *coder)
{
	size_t bytes = MIN_OF(coder->in.len - coder->at, (size_t)CODING_STEP_BYTES);
	struct slice part = {coder->in.data + coder->at, bytes};
	bool last = coder->at + bytes == coder->in.len;
	int rc = 0;

	while (rc == 0)
		rc = coder->coding == CODING_GZIP ? gzip_part(coder, &part, last)
						  : zstd_part(coder, &part, last);
	coder->at += bytes;
	return rc < 0 ? rc : last;
}
