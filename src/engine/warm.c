/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/warm.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "engine/imports.h"
#include "engine/payload.h"
#include "ipc/payload.h"

#define PROGRAM_BYTES_MAX MIB

static bool wanted(const struct warm *warm, const struct runtime_profile *profile)
{
	if (strcmp(warm->config->warm, "off") == 0)
		return false;
	return profile->setting == RUNTIME_WARM_LEAN || strcmp(warm->config->warm, "full") == 0;
}

static enum stage stage_of(const struct warm_pool *pool)
{
	return pool->profile->stage == RUNTIME_STAGE_COMPILE ? STAGE_COMPILE : STAGE_RUN;
}

/* The first file of the run's that is looked for. */
static const char *file_of(const struct warm_pool *pool)
{
	bool compiled = pool->version->compile.argc != 0 && stage_of(pool) == STAGE_RUN;

	return compiled ? pool->runtime->artefact : pool->runtime->file_name;
}

/* What a request that says nothing but `code` is exec'd as. In the place of the code is what is done until it comes. */
static int write_program(struct warm_pool *pool, const struct config *config)
{
	struct job_file entry = {.name = slice_from(pool->runtime->file_name), .data = slice_from(pool->profile->prepare)};
	struct job_spec spec = {
	    .runtime = pool->runtime,
	    .version = pool->version,
	    .files = &entry,
	    .file_count = 1,
	    .limits = {.memory_bytes = config->memory_bytes_default, .cpu_milli = config->cpu_milli_default},
	};
	struct payload_header header;

	buf_init(&pool->program, PROGRAM_BYTES_MAX);
	int rc = payload_write(&pool->program, &spec, stage_of(pool));
	if (rc < 0 || pool->profile->prepare)
		return rc;
	memcpy(&header, pool->program.data, sizeof(header));
	header.file_count = 0;
	header.total_bytes = sizeof(header) + header.strings_bytes;
	memcpy(pool->program.data, &header, sizeof(header));
	pool->program.len = header.total_bytes;
	return 0;
}

/* The version that a request without a selector gets; the others are exec'd. */
static int add_pools(struct warm *warm, const struct runtime *runtime)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < runtime->profile_count && warm->count < WARM_POOLS_MAX; i++) {
		const struct runtime_profile *profile = &runtime->profiles[i];
		if (!wanted(warm, profile))
			continue;
		struct warm_pool *pool = &warm->pools[warm->count++];
		*pool = (struct warm_pool){.runtime = runtime, .version = &runtime->versions[0], .profile = profile};
		rc = write_program(pool, warm->config);
	}
	return rc;
}

int warm_init(struct warm *warm, const struct config *config, const struct runtime_table *runtimes)
{
	int rc = 0;

	*warm = (struct warm){.config = config};
	for (unsigned i = 0; rc == 0 && i < runtimes->count; i++)
		if (runtimes->runtimes[i].version_count)
			rc = add_pools(warm, &runtimes->runtimes[i]);
	return rc;
}

void warm_finish(struct warm *warm)
{
	for (unsigned i = 0; i < warm->count; i++)
		buf_finish(&warm->pools[i].program);
}

static uint32_t slots_most(const struct warm *warm, const struct warm_pool *pool)
{
	uint64_t most = MIN_OF(warm->config->slots_ready, warm->config->warm_slots_max);

	return (uint32_t)(pool->profile->slots_most ? MIN_OF(most, (uint64_t)pool->profile->slots_most) : most);
}

void warm_tell(struct warm *warm, struct channel *spawner)
{
	for (unsigned i = 0; i < warm->count; i++) {
		struct warm_pool *pool = &warm->pools[i];
		struct msg_pool msg;
		int fd = fd_sealed_copy("program", pool->program.data, pool->program.len);

		memset(&msg, 0, sizeof(msg));
		msg.pool = i + 1;
		msg.image = pool->version->image_index;
		msg.stage = stage_of(pool);
		msg.slots_most = slots_most(warm, pool);
		snprintf(msg.file, sizeof(msg.file), "%s", file_of(pool));
		msg.zygote = pool->profile->zygote != RUNTIME_ZYGOTE_NONE;
		bool sent = fd >= 0 && channel_send(spawner, MSG_SPAWNER_POOL, &msg, &fd, 1) == 0;
		pool->way = sent ? POOL_PARKED : POOL_EXEC;
		pool->why[0] = '\0';
	}
}

void warm_pool_way(struct warm *warm, const struct msg_pool_way *msg)
{
	if (msg->pool - 1 >= warm->count || msg->way > POOL_ZYGOTE)
		return;
	struct warm_pool *pool = &warm->pools[msg->pool - 1];
	pool->way = (enum pool_way)msg->way;
	snprintf(pool->why, sizeof(pool->why), "%.*s", MSG_TEXT_BYTES - 1, msg->why);
}

static bool same_program(const struct buf *program, const struct buf *payload)
{
	struct payload_header ours, theirs;

	memcpy(&ours, program->data, sizeof(ours));
	memcpy(&theirs, payload->data, sizeof(theirs));
	return ours.argc == theirs.argc && ours.envc == theirs.envc && ours.strings_bytes == theirs.strings_bytes &&
	       memcmp(program->data + sizeof(ours), payload->data + sizeof(theirs), ours.strings_bytes) == 0;
}

static bool imports_fit(const struct warm_pool *pool, const struct job_spec *spec)
{
	const struct runtime *runtime = pool->runtime;
	struct imports imports = {runtime->import_words, runtime->import_word_count, pool->profile->imports,
				  pool->profile->import_count};

	return !imports.name_count || imports_any(spec->files[spec->entry].data, &imports);
}

static bool fits(const struct warm_pool *pool, const struct job_spec *spec, enum stage stage,
		 const struct buf *payload)
{
	return pool->version == spec->version && stage_of(pool) == stage && pool->way != POOL_EXEC && same_program(&pool->program, payload) &&
	       imports_fit(pool, spec);
}

static bool has_home(const struct job_session *session)
{
	return session->item_count && session->items[session->item_count - 1].root == PACK_HOME;
}

uint32_t warm_pool_for(const struct warm *warm, const struct job_spec *spec, enum stage stage,
		       const struct buf *payload)
{
	/* what it took to start may already be more than less than the defaults allows; a compile has them at least, unless asked */
	if (stage == STAGE_COMPILE && spec->compile_memory_bytes && spec->compile_memory_bytes < warm->config->memory_bytes_default)
		return 0;
	if (stage == STAGE_RUN && (spec->window.rows || spec->limits.memory_bytes < warm->config->memory_bytes_default ||
	    spec->limits.processes < warm->config->processes_default))
		return 0;
	if (spec->control == PAYLOAD_CONTROL_LAUNCHER)
		return 0;
	/* what is in a home decides how interpreters start */
	if (has_home(&spec->session))
		return 0;
	for (unsigned i = warm->count; i > 0; i--)
		if (fits(&warm->pools[i - 1], spec, stage, payload))
			return i;
	return 0;
}
