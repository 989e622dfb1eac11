/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/audit: what a key's runs came to, one JSON object a line. */
#include "base/hex.h"
#include "door/documents.h"
#include "door/handlers.h"
#include "door/reply.h"
#include "json/json.h"

#define LINE_BYTES_MAX (2 * KIB)
#define DIGITS_MAX     18

/* A request while the store is asked; in its arena. */
struct audit {
	struct exchange *exchange;
	struct document_wait wait;
};

static void on_gone(struct http_request *request)
{
	struct audit *audit = request->owner;

	documents_end(&audit->wait);
}

static const char *outcome_of(uint32_t status)
{
	static const char *const ends[] = {"cancelled", "failed", "lost"};

	if (status < RUN_STATUS_COUNT)
		return run_status_name((enum run_status)status);
	return status >= RECORD_CANCELLED && status <= RECORD_LOST ? ends[status - RECORD_CANCELLED]
								   : "unknown";
}

static void put_run(struct buf *out, const struct audit_run *run)
{
	const struct msg_record *record = &run->record;
	char hash[HEX_BYTES(sizeof(record->source_hash))];
	struct json_writer w;

	hex_write(hash, record->source_hash, sizeof(record->source_hash));
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_u64(&w, "row", run->row);
	json_put_text(&w, "id", record->id);
	json_put_text(&w, "language", record->language);
	json_put_text(&w, "version", record->version);
	json_put_text(&w, "sha256", hash);
	json_put_text(&w, "outcome", outcome_of(record->status));
	if (record->exit_code >= 0)
		json_put_i64(&w, "exit_code", record->exit_code);
	json_put_time(&w, "finished_at", record->finished_ms);
	json_put_ms(&w, "wall_time_ms", record->wall_ns);
	json_put_ms(&w, "cpu_time_ms", record->cpu_ns);
	json_put_u64(&w, "memory_peak_bytes", record->memory_peak_bytes);
	json_put_u64(&w, "stdout_bytes", record->stdout_bytes);
	json_put_u64(&w, "stderr_bytes", record->stderr_bytes);
	json_object_close(&w);
	buf_append(out, "\n", 1);
}

static void on_runs(struct document_wait *wait)
{
	struct audit *audit = container_of(wait, struct audit, wait);
	struct exchange *exchange = audit->exchange;
	struct err err = wait->err;
	struct audit_run run;
	struct buf body;

	if (wait->code < 0) {
		documents_end(wait);
		reply_error(exchange, &err);
		return;
	}
	buf_init(&body, AUDIT_RUNS_MAX * LINE_BYTES_MAX);
	for (size_t at = 0; at + sizeof(run) <= wait->bytes.len; at += sizeof(run)) {
		memcpy(&run, wait->bytes.data + at, sizeof(run));
		put_run(&body, &run);
	}
	documents_end(wait);
	reply_body(exchange, 200, "application/x-ndjson", &body);
}

/* A number of the query, within bounds; absent: as it is. */
static int read_number(const struct exchange *exchange, const char *name, uint64_t least,
		       uint64_t most, uint64_t *number, struct err *err)
{
	struct slice text = api_query_value(exchange->api.query, name);
	uint64_t value = 0;

	if (!text.data)
		return 0;
	bool good = text.len > 0 && text.len <= DIGITS_MAX;
	for (size_t i = 0; good && i < text.len; i++) {
		good = text.data[i] >= '0' && text.data[i] <= '9';
		value = value * 10 + (uint64_t)(text.data[i] - '0');
	}
	if (!good || value < least || value > most)
		return err_field(err, ERR_INVALID_FIELD, name,
				 "'%s' must be a number from %llu to %llu.", name,
				 (unsigned long long)least, (unsigned long long)most);
	*number = value;
	return 0;
}

static int read_query(const struct exchange *exchange, struct msg_runs_ask *ask, struct err *err)
{
	uint64_t count = AUDIT_RUNS_MAX;
	int rc = read_number(exchange, "since_ms", 0, INT64_MAX, &ask->since_ms, err);

	if (rc == 0)
		rc = read_number(exchange, "after", 0, INT64_MAX, &ask->after, err);
	if (rc == 0)
		rc = read_number(exchange, "count", 1, AUDIT_RUNS_MAX, &count, err);
	ask->most = (uint32_t)count;
	return rc;
}

void handle_audit(struct exchange *exchange)
{
	struct audit *audit = arena_new(exchange->request->arena, struct audit);
	struct msg_runs_ask ask = {0};
	struct err err;
	int rc = audit ? read_query(exchange, &ask, &err)
		       : err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));

	if (rc == 0) {
		audit->exchange = exchange;
		audit->wait.fn = on_runs;
		rc = documents_ask_runs(&audit->wait, exchange->door, exchange->key, &ask, &err);
	}
	if (rc < 0) {
		reply_error(exchange, &err);
		return;
	}
	exchange->request->owner = audit;
	exchange->request->on_gone = on_gone;
}
