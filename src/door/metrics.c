/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics in the Prometheus text format 0.0.4. */
#include "door/handlers.h"
#include "door/jobs.h"
#include "door/later.h"
#include "door/events.h"
#include "door/once.h"
#include "door/reply.h"
#include "door/sessions.h"
#include "door/webhooks.h"
#include "engine/resident.h"

#define METRICS_BYTES_MAX MIB

struct metrics_view {
	const struct door *door;
	const struct http_counters *http;
	const struct engine_counters *engine;
	const struct cache_counters *cache;
	const struct resident_counters *residents;
	const struct msg_gauges *gauges;
	const struct once_counters *once;
	const struct event_counters *events;
	const struct later_counters *later;
	const struct jobs_counters *jobs;
	const struct webhooks_counters *webhooks;
};


static void put(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name,
	           (unsigned long long)value);
}

static void put_all(struct buf *out, const struct metrics_view *m)
{
#define X(name, type, help, value) put(out, name, type, help, value);
#include "door/metrics.def"
#undef X
}

static void put_statuses(struct buf *out, const struct metrics_view *m)
{
	static const char name[] = "sandglass_results_total";

	buf_printf(out, "# HELP %s Results by status.\n# TYPE %s counter\n", name, name);
	for (unsigned i = 0; i < RUN_STATUS_COUNT; i++)
		buf_printf(out, "%s{status=\"%s\"} %llu\n", name, run_status_name((enum run_status)i),
		           (unsigned long long)m->engine->by_status[i]);
}

void handle_metrics(struct exchange *exchange)
{
	const struct door *door = exchange->door;
	const struct metrics_view view = {
	    .door = door,
	    .http = http_server_counters(door->http),
	    .engine = engine_counters(door->engine),
	    .cache = engine_cache_counters(door->engine),
	    .residents = resident_counters(),
	    .gauges = &door->gauges,
	    .once = once_counters(door->once),
	    .events = event_counters(door->events),
	    .later = later_counters(door->later),
	    .jobs = jobs_counters(door->jobs),
	    .webhooks = webhooks_counters(door->webhooks),
	};
	struct buf body;

	buf_init(&body, METRICS_BYTES_MAX);
	put_all(&body, &view);
	put_statuses(&body, &view);
	reply_body(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
}
