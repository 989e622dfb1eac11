/* SPDX-License-Identifier: Apache-2.0 */
#include "door/packages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door/fetch.h"
#include "door/handlers.h"
#include "door/reply.h"
#include "json/json.h"

#define ROUND_BYTES_MAX (32 * MIB) /* lists of what has come, names */

struct packages_build {
	struct door *door;
	struct key *key;
	enum package_kind kind;
	struct slice manifest;
	void (*fn)(void *ctx, const struct packages_built *built);
	void *ctx;
	struct timer timer;
	unsigned rounds;
	/* of a run: job is NULL while there is none */
	struct arena *arena;
	struct job *job;
	/* what has come so far, and behind it what is wanted */
	struct packages_got *got;
	struct slice *accepts;
	size_t count, arrived, bytes;
	struct fetch_wait wait; /* for got[arrived] */
};

static void destroy(struct packages_build *build)
{
	loop_timer_cancel(build->door->loop, &build->timer);
	build->door->builds--;
	fetch_end(&build->wait);
	for (size_t i = 0; build->got && i < build->count; i++) {
		free((char *)build->got[i].url.data);
		free((char *)build->accepts[i].data);
		buf_finish(&build->got[i].bytes);
	}
	free(build->got);
	free(build->accepts);
	if (build->job)
		engine_cancel(build->job);
	arena_destroy(build->arena);
	free(build);
}

static void finish(struct packages_build *build, const struct packages_built *built)
{
	build->fn(build->ctx, built);
	destroy(build);
}

static void fail(struct packages_build *build, const char *why)
{
	struct packages_built built = {.done = false};

	snprintf(built.why, sizeof(built.why), "%s", why);
	finish(build, &built);
}

static void on_time(struct timer *timer)
{
	fail(container_of(timer, struct packages_build, timer),
	     "The packages could not be built in time: the index was too slow, or there are too "
	     "many.");
}

/* --- fetching --- */

static void begin_round(struct packages_build *build);

static void on_fetched(struct fetch_wait *wait);

/* False: it cannot be asked for. */
static bool fetch_next(struct packages_build *build)
{
	const struct packages_got *got = &build->got[build->arrived];

	build->wait.fn = on_fetched;
	build->wait.owner = build;
	return fetch_ask(&build->wait, build->door, got->url, build->accepts[build->arrived],
			 PACKAGES_GOT_BYTES - build->bytes) == 0;
}

static void on_fetched(struct fetch_wait *wait)
{
	struct packages_build *build = wait->owner;
	struct packages_got *got = &build->got[build->arrived++];

	got->status = wait->status;
	got->bytes = wait->bytes;
	build->bytes += got->bytes.len;
	wait->bytes = (struct buf){0};
	if (build->arrived == build->count)
		begin_round(build);
	else if (!fetch_next(build))
		fail(build, "The index cannot be asked at the moment.");
}

static bool add_wanted(struct packages_build *build, struct slice url, struct slice accept)
{
	char *texts[] = {strndup(url.data, url.len), strndup(accept.data, accept.len)};

	if (!texts[0] || !texts[1]) {
		free(texts[0]);
		free(texts[1]);
		return false;
	}
	build->got[build->count] = (struct packages_got){.url = {texts[0], url.len}};
	build->accepts[build->count++] = (struct slice){texts[1], accept.len};
	return true;
}

static int take_row(struct yyjson_val *row, const char *path _unused_, void *ctx, struct err *err)
{
	struct packages_build *build = ctx;
	struct slice url, accept;

	if (build->count == PACKAGES_GOT_MAX || !packages_read_need(row, &url, &accept) ||
	    !add_wanted(build, url, accept))
		return err_set(err, ERR_INVALID_FIELD,
			       "The packages need more of the index than this server fetches.");
	return 0;
}

/* --- a round --- */

static void on_answer(struct packages_build *build, const struct job *job)
{
	struct packages_built built = {.done = true, .python = job->spec.version->version};
	struct packages_answer answer;
	struct err err;
	int rc = packages_read_answer(&answer, &job->result, &err);
	size_t before = build->count;

	if (rc == 0 && answer.need) {
		rc = json_array_read(answer.need, "", PACKAGES_GOT_MAX, take_row, build, &err);
		json_free(answer.doc);
		if (rc == 0 && (build->count == before || !fetch_next(build)))
			rc = err_set(&err, ERR_UNAVAILABLE,
				     "The index cannot be asked at the moment.");
	} else if (rc == 0) {
		json_free(answer.doc);
		built.tree = answer.tree;
		finish(build, &built);
		return;
	}
	if (rc < 0)
		fail(build, err.text);
}

static void on_finished(struct job *job)
{
	struct packages_build *build = job->owner;

	build->job = NULL;
	if (job->error.code)
		fail(build, job->error.text);
	else
		on_answer(build, job);
	job_destroy(job);
}

static int submit(struct packages_build *build, struct err *err)
{
	const struct api_context api = door_context(build->door, build->key);

	arena_destroy(build->arena);
	build->arena = arena_create(ROUND_BYTES_MAX);
	struct job *job = job_create(build->key, on_finished, build);
	if (!job)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	int rc = packages_make_job(&job->spec, &api, build->arena, build->kind, build->manifest,
				   build->got, build->count, err);
	if (rc == 0 && (rc = engine_submit(build->door->engine, job)) < 0)
		err_set(err, (enum err_code) - rc, "%s", err_default_text(rc));
	if (rc < 0)
		job_destroy(job);
	else
		build->job = job;
	return rc;
}

static void begin_round(struct packages_build *build)
{
	struct err err;

	if (++build->rounds > PACKAGES_ROUNDS_MAX)
		fail(build, "What the packages want of each other does not come to an end.");
	else if (submit(build, &err) < 0)
		fail(build, err.text);
}

/* --- the beginning, and an early end --- */

static void on_begin(struct timer *timer)
{
	struct packages_build *build = container_of(timer, struct packages_build, timer);

	loop_timer_set(build->door->loop, timer,
		       clock_now_ns() + build->door->config->packages_time_ms * NS_PER_MS, on_time);
	begin_round(build);
}

struct packages_build *packages_begin(struct door *door, struct key *key, enum package_kind kind,
				      struct slice manifest,
				      void (*fn)(void *ctx, const struct packages_built *built),
				      void *ctx, struct err *err)
{
	if (door->builds >= door->config->packages_builds_max) {
		err_set(err, ERR_QUEUE_FULL,
			"Other packages are being built; send the request again.");
		return NULL;
	}
	struct packages_build *build = calloc(1, sizeof(*build));
	if (build) {
		*build = (struct packages_build){.door = door,
						 .key = key,
						 .kind = kind,
						 .manifest = manifest,
						 .fn = fn,
						 .ctx = ctx};
		build->got = calloc(PACKAGES_GOT_MAX, sizeof(*build->got));
		build->accepts = calloc(PACKAGES_GOT_MAX, sizeof(*build->accepts));
	}
	if (!build || !build->got || !build->accepts) {
		if (build)
			free(build->got);
		free(build);
		err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		return NULL;
	}
	door->builds++;
	loop_timer_set(door->loop, &build->timer, clock_now_ns(), on_begin);
	return build;
}

void packages_cancel(struct packages_build *build)
{
	if (build)
		destroy(build);
}
