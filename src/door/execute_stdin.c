/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/execute as multipart/form-data: a part `request`, which is the body as ever, and behind it a part `stdin`,
 * which the program gets as it comes. That one begins when the first part is complete. What it has not read waits here,
 * up to UNFED_BYTES_MAX and a piece; then its caller has to, at no cost of its own time.
 *
 * A program that has ended is answered for at once, whatever of stdin is still to come: the connection ends with that
 * (RFC 9112, 9.3 and 9.6: what the caller still sends is dropped for a while, so that it hears the answer).
 */
#include "door/execute.h"
#include "door/live.h"
#include "http/limits.h"
#include "http/multipart.h"

#define UNFED_BYTES_MAX (64 * KIB)

/* In the request's arena. */
struct upload {
	struct exchange *exchange;
	struct job_feed feed;
	struct multipart multipart;
	struct buf text;     /* owned: the part `request` */
	unsigned parts;      /* that have begun */
	bool begun;          /* the run */
	uint64_t bytes;      /* of stdin */
};

/* The run has ended: its answer is on the way. */
static bool is_over(const struct upload *upload)
{
	return upload->begun && !upload->feed.job;
}

/* The request is gone afterwards, or will be when its events have been taken. */
static void fail(struct upload *upload, const struct err *err)
{
	struct exchange *exchange = upload->exchange;
	struct http_request *request = exchange->request;
	struct job *job = upload->feed.job;

	http_hold_body(request, true);
	if (job && job->stream) {
		live_fail(job->owner, err);
		return;
	}
	if (request->on_gone)
		request->on_gone(request);
	request->on_gone = NULL;
	reply_error(exchange, err);
}

/* --- parts --- */

/* False: it has been answered. */
static bool begin(struct upload *upload)
{
	upload->begun = true;
	upload->exchange->request->body = buf_slice(&upload->text);
	return execute_begin(upload->exchange);
}

static int begin_part(struct upload *upload, struct err *err)
{
	static const char *const names[] = {"request", "stdin"};
	const struct multipart *multipart = &upload->multipart;
	unsigned index = upload->parts++;

	if (index >= ARRAY_LEN(names) || strcmp(multipart->name, names[index]) != 0)
		return err_set(err, ERR_BAD_REQUEST, "There are two parts here: 'request', and then 'stdin'.");
	if (index == 0 && multipart->type.len && !header_list_has(multipart->type, SLICE_LITERAL("application/json")))
		return err_set(err, ERR_UNSUPPORTED_MEDIA, "The part 'request' is application/json.");
	return 0;
}

static int take_request(struct upload *upload, struct slice data, struct err *err)
{
	if (!http_keep_bytes(upload->exchange->request, data.len))
		return err_set(err, ERR_UNAVAILABLE, "Too many bodies are on their way; send the request again.");
	int rc = buf_append(&upload->text, data.data, data.len);
	if (rc == -ERR_TOO_LARGE)
		return err_set(err, ERR_BODY_TOO_LARGE, "The part 'request' is larger than this server takes.");
	return rc < 0 ? err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY)) : 0;
}

static int take_stdin(struct upload *upload, struct slice data, struct buf *stdin_data, struct err *err)
{
	uint64_t most = upload->exchange->door->config->stdin_stream_bytes_max;

	upload->bytes += data.len;
	if (upload->bytes > most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, "stdin", most,
				 "The part 'stdin' may have %llu bytes (stdin_stream_bytes_max).", (unsigned long long)most);
	if (buf_append(stdin_data, data.data, data.len) < 0)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	return 0;
}

static int feed(struct upload *upload, const struct buf *stdin_data, struct err *err)
{
	struct job *job = upload->feed.job;
	int rc = job ? engine_feed(job, buf_slice(stdin_data)) : 0;

	if (rc < 0)
		return err_set(err, (enum err_code)-rc, "%s", err_default_text(rc));
	if (!job)
		return 0;
	if (multipart_ended(&upload->multipart))
		engine_feed_end(job);
	else if (engine_unfed(job) > UNFED_BYTES_MAX)
		http_hold_body(upload->exchange->request, true);
	return 0;
}

/* --- the body --- */

enum went { WENT_ON, WENT_WRONG, WENT_AWAY };

/* What of a piece is the program's comes into stdin_data. */
static enum went take(struct upload *upload, struct slice data, struct buf *stdin_data, struct err *err)
{
	struct slice piece;
	int event, rc = 0;

	while (rc == 0 && (event = multipart_next(&upload->multipart, &data, &piece, err)) != MULTIPART_MORE) {
		if (event < 0)
			return WENT_WRONG;
		if (event == MULTIPART_PART)
			rc = begin_part(upload, err);
		else if (event == MULTIPART_DATA)
			rc = upload->begun ? take_stdin(upload, piece, stdin_data, err) : take_request(upload, piece, err);
		/* the first part is complete when the next one begins, or nothing more does */
		if (rc == 0 && !upload->begun && (upload->parts == 2 || event == MULTIPART_END) && !begin(upload))
			return WENT_AWAY;
	}
	return rc < 0 ? WENT_WRONG : WENT_ON;
}

/* What comes of a piece, and of a delimiter that was none, is written at once, however many lines it has. */
static void on_data(struct http_request *request, struct slice data)
{
	static char scratch[HTTP_TAKEN_READ_BYTES + sizeof(((struct multipart *)NULL)->delimiter)];
	struct buf stdin_data = {.data = scratch, .capacity = sizeof(scratch), .ceiling = sizeof(scratch)};
	struct upload *upload = request->taker_ctx;
	struct err err;

	if (is_over(upload))
		return;
	enum went went = take(upload, data, &stdin_data, &err);
	if (went == WENT_ON && upload->begun && feed(upload, &stdin_data, &err) < 0)
		went = WENT_WRONG;
	if (went == WENT_WRONG)
		fail(upload, &err);
}

static void on_end(struct http_request *request, int code, const char *why)
{
	struct upload *upload = request->taker_ctx;
	struct err err;

	if (is_over(upload) || (code == 0 && multipart_ended(&upload->multipart)))
		return;
	if (code == 0)
		err_set(&err, ERR_BAD_REQUEST, "The body ends before its last boundary.");
	else
		err_set(&err, (enum err_code)-code, "%s", why);
	fail(upload, &err);
}

static void on_fed(struct job_feed *feed)
{
	http_hold_body(container_of(feed, struct upload, feed)->exchange->request, false);
}

/* What still comes is read no more: the answer is next. */
static void on_over(struct job_feed *feed)
{
	http_hold_body(container_of(feed, struct upload, feed)->exchange->request, true);
}

static void on_freed(void *ctx)
{
	struct upload *upload = ctx;

	upload->feed.on_over = NULL; /* there is no body to be held any more */
	job_feed_end(&upload->feed);
	buf_finish(&upload->text);
}

/* --- the head --- */

static int check_head(struct upload *upload, struct slice type, struct err *err)
{
	const struct exchange *exchange = upload->exchange;
	const struct config *config = exchange->door->config;
	uint64_t bytes = exchange->request->body_bytes, most = config->stdin_stream_bytes_max;

	if (!multipart_init(&upload->multipart, type))
		return err_set(err, ERR_BAD_REQUEST, "The multipart/form-data has no valid boundary.");
	if (http_request_header(exchange->request, "Idempotency-Key").data)
		return err_set(err, ERR_BAD_REQUEST, "What is given to a program as it comes cannot be told from another body: no Idempotency-Key here.");
	if (bytes != HTTP_LENGTH_UNKNOWN && bytes > most + config->body_bytes_max)
		return err_limit(err, ERR_LIMIT_EXCEEDED, "stdin", most,
				 "The part 'stdin' may have %llu bytes (stdin_stream_bytes_max).", (unsigned long long)most);
	return door_refuses(exchange->door, err) == ERR_OK ? 0 : -err->code;
}

static void begin_taking(struct upload *upload)
{
	static const struct http_taker taker = {.on_data = on_data, .on_end = on_end};
	struct exchange *exchange = upload->exchange;
	struct http_request *request = exchange->request;

	upload->feed.on_fed = on_fed;
	upload->feed.on_over = on_over;
	buf_init(&upload->text, exchange->door->config->body_bytes_max);
	exchange->feed = &upload->feed;
	request->taker_ctx = request->freed_ctx = upload;
	request->on_freed = on_freed;
	http_take_body(request, &taker);
	http_hold_body(request, false);
}

void execute_take(struct exchange *exchange)
{
	const unsigned native = 1u << DIALECT_NATIVE;
	struct slice type = http_request_header(exchange->request, "Content-Type");
	struct upload *upload;
	struct err err;

	if (!(exchange->formats & native) || !header_list_has(type, SLICE_LITERAL("multipart/form-data")))
		return;
	exchange->formats = native;
	exchange->dialect = &dialect_native;
	upload = arena_new(exchange->request->arena, struct upload);
	if (!upload) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	upload->exchange = exchange;
	if (check_head(upload, type, &err) < 0)
		reply_error(exchange, &err);
	else
		begin_taking(upload);
}
