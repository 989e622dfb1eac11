/* SPDX-License-Identifier: Apache-2.0 */
/* What the server says of itself: health, readiness, runtimes, walls. */
#include "api/api.h"
#include "door/handlers.h"
#include "door/reply.h"
#include "ipc/walls.h"
#include "json/json.h"

#define INFO_BYTES_MAX (4 * MIB)

void handle_healthz(struct exchange *exchange)
{
	struct buf body;

	buf_init(&body, INFO_BYTES_MAX);
	buf_append_text(&body, "{\"status\":\"ok\",\"version\":\"" SANDGLASS_VERSION "\"}");
	reply_json(exchange, 200, &body);
}

static const char *not_ready_because(const struct door *door, struct err *err)
{
	if (door_refuses(door, err) != ERR_OK)
		return err->text;
	if (!door->spawner_attached || !door->walls_known)
		return "The spawner is being started.";
	if (!door->embedded && !keyring_loaded(door->keys))
		return "The keys are being read.";
	return NULL;
}

void handle_readyz(struct exchange *exchange)
{
	struct err err;
	const char *why = not_ready_because(exchange->door, &err);
	struct json_writer w;
	struct buf body;

	buf_init(&body, INFO_BYTES_MAX);
	json_writer_init(&w, &body);
	json_object_open(&w, NULL);
	json_put_text(&w, "status", why ? "not_ready" : "ready");
	if (why)
		json_put_text(&w, "message", why);
	json_object_close(&w);
	reply_json(exchange, why ? 503 : 200, &body);
}

void handle_runtimes(struct exchange *exchange)
{
	const struct api_context api = exchange_context(exchange);
	struct buf body;

	buf_init(&body, INFO_BYTES_MAX);
	int status = exchange->dialect->encode_runtimes(&body, &api);
	reply_json(exchange, status, &body);
}

/* --- capabilities --- */

static void put_wall(struct json_writer *w, const struct door *door, unsigned wall)
{
	static const char *const states[] = {[WALL_OFF] = "off", [WALL_ON] = "on", [WALL_PARTIAL] = "partial"};

	json_object_open(w, NULL);
	json_put_text(w, "name", wall_name((enum wall)wall));
	json_put_text(w, "state", states[door->walls.state[wall] % ARRAY_LEN(states)]);
	json_put_text(w, "keeps", wall_text((enum wall)wall));
	json_put_text(w, "why", door->walls.why[wall]);
	json_put_bool(w, "waived", door->walls_waived >> wall & 1);
	json_object_close(w);
}

static void put_warm(struct json_writer *w, const struct door *door)
{
	static const char *const ways[] = {[POOL_EXEC] = "exec", [POOL_PARKED] = "parked", [POOL_ZYGOTE] = "zygote"};
	const struct warm *warm = engine_warm(door->engine);

	json_object_open(w, "warm");
	json_put_text(w, "setting", door->config->warm);
	json_array_open(w, "runtimes");
	for (unsigned i = 0; i < warm->count; i++) {
		const struct warm_pool *pool = &warm->pools[i];
		if (i > 0 && pool[-1].runtime == pool->runtime && pool[-1].profile->stage == pool->profile->stage)
			continue; /* another profile of it */
		json_object_open(w, NULL);
		json_put_text(w, "id", pool->runtime->id);
		json_put_text(w, "stage", pool->profile->stage == RUNTIME_STAGE_COMPILE ? "compile" : "run");
		json_put_text(w, "version", pool->version->version);
		json_put_text(w, "way", ways[pool->way]);
		json_put_text(w, "why", pool->why);
		json_object_close(w);
	}
	json_array_close(w);
	json_object_close(w);
}

void handle_capabilities(struct exchange *exchange)
{
	const struct door *door = exchange->door;
	struct json_writer w;
	struct buf body;

	buf_init(&body, INFO_BYTES_MAX);
	json_writer_init(&w, &body);
	json_object_open(&w, NULL);
	json_put_text(&w, "version", SANDGLASS_VERSION);
	json_array_open(&w, "engines");
	json_put_text(&w, NULL, "native");
	json_array_close(&w);
	json_put_bool(&w, "known", door->walls_known);
	json_array_open(&w, "walls");
	for (unsigned i = 0; door->walls_known && i < WALL_COUNT; i++)
		put_wall(&w, door, i);
	json_array_close(&w);
	put_warm(&w, door);
	json_object_close(&w);
	reply_json(exchange, 200, &body);
}
