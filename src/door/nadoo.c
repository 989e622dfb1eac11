/* SPDX-License-Identifier: Apache-2.0 */
/* What Nadoo's server says of itself: languages, health, its one provider. */
#include "api/nadoo.h"

#include <stdio.h>

#include "door/handlers.h"
#include "door/reply.h"

#define INFO_BYTES_MAX	(64 * KIB)
#define TEXT_BYTES_MAX	320
#define PROVIDER	"local_docker" /* what its clients know: here it is our jails */
#define SERVICE_VERSION "0.1.0"	       /* of the service whose format this is */

/* --- answers --- */

struct answer {
	struct buf body;
	struct json_writer w;
};

static struct json_writer *answer_begin(struct answer *answer)
{
	buf_init(&answer->body, INFO_BYTES_MAX);
	json_writer_init(&answer->w, &answer->body);
	json_object_open(&answer->w, NULL);
	return &answer->w;
}

static void answer_end(struct answer *answer, struct exchange *exchange)
{
	json_object_close(&answer->w);
	json_writer_finish(&answer->w);
	reply_json(exchange, 200, &answer->body);
}

static void reply_detail(struct exchange *exchange, enum err_code code, const char *before,
			 struct slice name, const char *behind)
{
	struct err err;

	err_set(&err, code, "%s%.*s%s", before, (int)MIN_OF(name.len, (size_t)200), name.data,
		behind);
	reply_error(exchange, &err);
}

/* --- languages and sessions --- */

static void put_language(struct json_writer *w, const struct exchange *exchange,
			 const struct runtime *runtime)
{
	const struct config *config = exchange->door->config;
	const char *suffix = strrchr(runtime->file_name, '.');
	char text[TEXT_BYTES_MAX];

	json_put_text(w, "language", runtime->id);
	snprintf(text, sizeof(text), "%s:%s", runtime->id, runtime->versions[0].version);
	json_put_text(w, "docker_image", text);
	json_put_text(w, "file_extension", suffix ? suffix + 1 : "");
	json_put_u64(w, "max_execution_time", config->wall_time_ms_max / 1000);
	snprintf(text, sizeof(text), "%llum", (unsigned long long)(config->memory_bytes_max / MIB));
	json_put_text(w, "max_memory", text);
	json_put_decimal(w, "max_cpu", config->cpu_milli_max, 3);
}

void handle_nadoo_language(struct exchange *exchange)
{
	const struct api_context api = exchange_context(exchange);
	struct slice name = exchange_param(exchange, 0);
	const struct runtime *runtime = nadoo_runtime(&api, name);
	struct answer answer;

	if (!runtime) {
		reply_detail(exchange, ERR_NOT_FOUND, "Language ", name, " not supported");
		return;
	}
	put_language(answer_begin(&answer), exchange, runtime);
	answer_end(&answer, exchange);
}

/* A session is a label and nothing more: there is nothing to clean up. */
void handle_nadoo_session(struct exchange *exchange)
{
	struct slice name = exchange_param(exchange, 0);
	struct answer answer;
	char text[TEXT_BYTES_MAX];

	snprintf(text, sizeof(text), "Session %.*s cleaned up", (int)MIN_OF(name.len, (size_t)200),
		 name.data);
	json_put_text(answer_begin(&answer), "message", text);
	answer_end(&answer, exchange);
}

/* --- health --- */

void handle_nadoo_health(struct exchange *exchange)
{
	const struct api_context api = exchange_context(exchange);
	struct answer answer;
	struct json_writer *w = answer_begin(&answer);

	json_put_text(w, "status", "healthy");
	json_put_text(w, "service", "sandbox");
	json_put_text(w, "version", SERVICE_VERSION);
	json_put_u64(w, "supported_languages", nadoo_count_languages(&api));
	answer_end(&answer, exchange);
}

/* What there is, and its address. */
static const char *const places[][2] = {
    {"execute", "/api/v1/execute"},
    {"execute_async", "/api/v1/execute/async"},
    {"batch", "/api/v1/execute/batch"},
    {"status", "/api/v1/execute/status/{execution_id}"},
    {"languages", "/api/v1/execute/languages"},
    {"providers", "/api/v1/providers"},
    {"health", "/health"},
};

void handle_nadoo_home(struct exchange *exchange)
{
	struct answer answer;
	struct json_writer *w = answer_begin(&answer);

	json_put_text(w, "service", "Nadoo Sandbox Service");
	json_put_text(w, "version", SERVICE_VERSION);
	json_put_text(w, "status", "running");
	json_put_bool(w, "warm_pool_enabled", true);
	json_object_open(w, "endpoints");
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		json_put_text(w, places[i][0], places[i][1]);
	json_object_close(w);
	answer_end(&answer, exchange);
}

static bool is_healthy(const struct door *door)
{
	return door_refuses(door, NULL) == ERR_OK && door->spawner_attached && door->walls_known;
}

static void put_pool(struct json_writer *w, const struct door *door)
{
	const struct msg_gauges *gauges = &door->gauges;
	uint64_t ready = (uint64_t)gauges->slots_ready + gauges->slots_parked;

	json_put_u64(w, "pool_size", ready + gauges->slots_running);
	json_put_u64(w, "available", ready);
	json_put_u64(w, "busy", gauges->slots_running);
}

void handle_nadoo_service(struct exchange *exchange)
{
	const struct door *door = exchange->door;
	const struct msg_gauges *gauges = &door->gauges;
	struct answer answer;
	struct json_writer *w = answer_begin(&answer);
	uint64_t ready = (uint64_t)gauges->slots_ready + gauges->slots_parked;

	json_put_text(w, "status", is_healthy(door) ? "healthy" : "degraded");
	json_put_text(w, "service", "sandbox");
	json_put_text(w, "version", SERVICE_VERSION);
	json_put_bool(w, "warm_pool_enabled", true);
	json_object_open(w, "checks");
	json_put_bool(w, "docker", is_healthy(door));
	json_put_bool(w, "executor", is_healthy(door));
	json_object_close(w);
	json_object_open(w, "pool");
	json_put_u64(w, "total", ready + gauges->slots_running);
	json_put_u64(w, "available", ready);
	json_put_u64(w, "busy", gauges->slots_running);
	json_object_close(w);
	answer_end(&answer, exchange);
}

/* --- providers --- */

static void put_provider(struct json_writer *w, const struct door *door)
{
	json_put_text(w, "name", PROVIDER);
	json_put_bool(w, "healthy", is_healthy(door));
	json_put_text(w, "message", is_healthy(door) ? "" : "The spawner is not ready.");
	put_pool(w, door);
}

void handle_nadoo_providers(struct exchange *exchange)
{
	struct answer answer;
	struct json_writer *w = answer_begin(&answer);

	json_array_open(w, "providers");
	json_object_open(w, NULL);
	put_provider(w, exchange->door);
	json_object_close(w);
	json_array_close(w);
	json_put_text(w, "default", PROVIDER);
	json_array_open(w, "fallback_chain");
	json_array_close(w);
	answer_end(&answer, exchange);
}

/* True if the address names the provider there is; else it has been answered. */
static bool has_provider(struct exchange *exchange)
{
	static const char *const others[] = {"aws_lambda", "gcp_cloud_run", "azure_container"};
	struct slice name = exchange_param(exchange, 0);
	const char *problem = "Unknown provider: ";

	if (slice_equal(name, SLICE_LITERAL(PROVIDER)))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (slice_equal(name, slice_from(others[i])))
			problem = "Provider not registered: ";
	reply_detail(exchange, ERR_NOT_FOUND, problem, name, "");
	return false;
}

void handle_nadoo_provider(struct exchange *exchange)
{
	struct answer answer;

	if (!has_provider(exchange))
		return;
	put_provider(answer_begin(&answer), exchange->door);
	answer_end(&answer, exchange);
}

/* part / whole with six decimals; 0 of nothing */
static void put_ratio(struct json_writer *w, const char *key, uint64_t part, uint64_t whole)
{
	json_put_decimal(w, key, whole ? part * 1000000 / whole : 0, 6);
}

static void put_counts(struct json_writer *w, const struct engine_counters *counters)
{
	uint64_t good = counters->by_status[RUN_STATUS_OK];
	uint64_t late = counters->by_status[RUN_STATUS_WALL_TIMEOUT] +
			counters->by_status[RUN_STATUS_CPU_TIMEOUT] +
			counters->by_status[RUN_STATUS_COMPILE_TIMEOUT];

	json_put_u64(w, "total_executions", counters->finished);
	json_put_u64(w, "successful_executions", good);
	json_put_u64(w, "failed_executions", counters->finished - good - late);
	json_put_u64(w, "timeout_executions", late);
	put_ratio(w, "success_rate", good, counters->finished);
	json_put_decimal(
	    w, "avg_execution_time_ms",
	    counters->finished ? counters->wall_ns_sum / counters->finished / NS_PER_US : 0, 3);
}

static void put_starts(struct json_writer *w, const struct engine_counters *counters)
{
	uint64_t warm = MIN_OF(counters->warm, counters->finished);

	json_put_u64(w, "cold_start_count", counters->finished - warm);
	json_put_u64(w, "warm_start_count", warm);
	put_ratio(w, "cold_start_ratio", counters->finished - warm, counters->finished);
	json_put_u64(w, "pool_hits", warm);
	json_put_u64(w, "pool_misses", counters->finished - warm);
	put_ratio(w, "pool_hit_ratio", warm, counters->finished);
}

/* Of the whole server, since it started. Percentiles are not kept; /metrics has what is. */
void handle_nadoo_provider_metrics(struct exchange *exchange)
{
	static const char *const percentiles[] = {"p50_execution_time_ms", "p95_execution_time_ms",
						  "p99_execution_time_ms"};
	const struct engine_counters *counters = engine_counters(exchange->door->engine);
	struct answer answer;

	if (!has_provider(exchange))
		return;
	struct json_writer *w = answer_begin(&answer);
	json_put_text(w, "provider", PROVIDER);
	put_counts(w, counters);
	for (size_t i = 0; i < ARRAY_LEN(percentiles); i++)
		json_put_decimal(w, percentiles[i], 0, 1);
	put_starts(w, counters);
	answer_end(&answer, exchange);
}

/* "python:3.11", as they name one; the version is not looked at. */
static const struct runtime *runtime_of(const struct exchange *exchange, struct slice text)
{
	const struct api_context api = exchange_context(exchange);
	const char *colon = text.len ? memchr(text.data, ':', text.len) : NULL;

	if (colon)
		text.len = (size_t)(colon - text.data);
	return runtime_find(api.runtimes, text.data, text.len);
}

/* Pools here grow by what was missed, so none is warmed by order. */
static void reply_warmup(struct exchange *exchange, struct yyjson_val *body)
{
	struct yyjson_val *sent = json_at(body, "/runtime");
	struct slice runtime = sent ? json_text(sent) : SLICE_LITERAL("python:3.11");
	uint64_t count = 1;
	struct answer answer;
	struct err err;

	if (json_at(body, "/count") &&
	    json_get_u64(json_at(body, "/count"), "count", 0, UINT32_MAX, &count, &err) < 0) {
		reply_error(exchange, &err);
	} else if (!runtime_of(exchange, runtime)) {
		reply_detail(exchange, ERR_BAD_REQUEST, "Unknown runtime: ", runtime, "");
	} else {
		struct json_writer *w = answer_begin(&answer);
		json_put_bytes(w, "runtime", runtime);
		json_put_u64(w, "requested", count);
		json_put_u64(w, "warmed", 0);
		answer_end(&answer, exchange);
	}
}

void handle_nadoo_warmup(struct exchange *exchange)
{
	struct yyjson_doc *doc = NULL;
	struct err err;

	if (!has_provider(exchange))
		return;
	if (exchange_parse(exchange, &doc, &err) < 0) {
		exchange->body_refused = true;
		reply_error(exchange, &err);
	} else {
		reply_warmup(exchange, exchange->api.body);
	}
	json_free(doc);
}
