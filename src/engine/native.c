/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/native.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/fd.h"
#include "engine/kept.h"
#include "engine/payload.h"
#include "engine/scanned.h"
#include "engine/verdict.h"

#define ARTEFACT_BYTES_MAX (256 * MIB)
#define PAYLOAD_BYTES_MAX  GIB

enum { FD_PAYLOAD, FD_STDIN, FD_STDOUT, FD_STDERR, FD_ARTEFACT };

/* Of a compiler, which somebody waits for: as much as the operator lets this key's programs have at most. */
static uint32_t compile_cpu_milli(const struct job *job, const struct config *config)
{
	uint64_t most = job->key->facts.limits.cpu_milli;

	return (uint32_t)(most ? MIN_OF(most, config->cpu_milli_max) : config->cpu_milli_max);
}

/*
 * A compiler's memory and files are the operator's business, not what the caller allows his program; but
 * a caller who asks for more than the default gets it for the compile too.
 */
static struct run_limits limits_of(const struct job *job, const struct config *config)
{
	const struct job_limits *asked = &job->spec.limits;
	bool compile = job->stage == STAGE_COMPILE;
	struct run_limits limits;

	memset(&limits, 0, sizeof(limits));
	limits.wall_ns = (compile ? asked->compile_time_ms : asked->wall_time_ms) * NS_PER_MS;
	limits.cpu_ns = (compile ? asked->compile_time_ms : asked->cpu_time_ms) * NS_PER_MS;
	limits.memory_bytes = asked->memory_bytes;
	limits.disk_bytes = asked->disk_bytes;
	limits.processes = (uint32_t)asked->processes;
	limits.open_files = (uint32_t)asked->open_files;
	limits.cpu_milli = (uint32_t)asked->cpu_milli;
	if (compile) {
		limits.memory_bytes = MAX_OF(limits.memory_bytes, config->memory_bytes_default);
		if (job->spec.compile_memory_bytes)
			limits.memory_bytes = job->spec.compile_memory_bytes;
		if (job->spec.compile_cpu_time_ms)
			limits.cpu_ns = job->spec.compile_cpu_time_ms * NS_PER_MS;
		limits.disk_bytes = MAX_OF(limits.disk_bytes, config->disk_bytes_default);
		limits.processes = (uint32_t)MAX_OF(limits.processes, config->processes_default);
		limits.open_files = (uint32_t)MAX_OF(limits.open_files, config->open_files_default);
		limits.cpu_milli = compile_cpu_milli(job, config);
		limits.artefact_bytes = MIN_OF(limits.disk_bytes, ARTEFACT_BYTES_MAX);
	}
	return limits;
}

int native_prepare(struct job *job)
{
	bool first = job->stage == STAGE_COMPILE || !job->result.compile.present;

	buf_finish(&job->payload);
	buf_init(&job->payload, PAYLOAD_BYTES_MAX);
	int rc = payload_write(&job->payload, &job->spec, job->stage);
	if (rc < 0 || !first)
		return rc;
	if (EVP_Digest(job->payload.data, job->payload.len, job->source_hash, NULL, EVP_sha256(), NULL) != 1)
		return -ERR_NO_MEMORY;
	return cache_key(job->cache_key, job->source_hash, job->spec.version->image_index, job->key->facts.id);
}

/* The prepared payload as a sealed memfd, or -1. */
static int seal_payload(struct job *job)
{
	int fd = fd_sealed_copy("payload", job->payload.data, job->payload.len);

	buf_finish(&job->payload);
	return fd;
}

/*
 * Compile: an empty memfd for the jail to fill; ours stays here. Run: what the compile left, sealed, so
 * that the jail gets bytes that nobody can change any more. -1 if there is none.
 */
static int artefact_for(struct job *job)
{
	if (job->stage == STAGE_COMPILE)
		job->artefact_fd = memfd_create("artefact", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return job->artefact_fd < 0 ? -1 : dup(job->artefact_fd);
}

static struct collected_limits collect_limits(const struct job *job)
{
	const struct job_spec *spec = &job->spec;

	return (struct collected_limits){.files = (uint32_t)spec->limits.artifacts,
	                                 .bytes = spec->limits.artifact_bytes,
	                                 .session_bytes = spec->session.joined ? spec->limits.disk_bytes : 0};
}

/* For what the program leaves. -1: nothing is wanted, or that could not be said. */
int native_collect_for(struct job *job)
{
	const struct job_spec *spec = &job->spec;
	struct collected_limits limits = collect_limits(job);

	if (job->stage == STAGE_COMPILE || (!spec->artifacts && !spec->output_file_count && !spec->session.joined))
		return -1;
	if (spec->session.joined)
		job->collect_fd = kept_ask(spec, &limits);
	else
		job->collect_fd = collected_ask(spec->output_files, spec->output_file_count, spec->artifacts, &limits, NULL);
	return job->collect_fd < 0 ? -1 : dup(job->collect_fd);
}

/* Copies of the session's packs, which are closed when they are sent. */
static unsigned add_packs(const struct job_session *session, int *fds)
{
	unsigned count = 0;

	while (count < session->pack_count && (fds[count] = dup(session->packs[count])) >= 0)
		count++;
	return count;
}

int native_start(struct job *job, struct loop *loop, struct channel *spawner,
                 const struct config *config, uint32_t pool)
{
	bool compile = job->stage == STAGE_COMPILE;
	struct stage_result *result = compile ? &job->result.compile : &job->result.run;
	struct slice stdin_data = compile ? (struct slice){NULL, 0} : job->spec.stdin_data;
	struct msg_run msg;
	int fds[MSG_FDS_MAX], collect_fd;

	memset(&msg, 0, sizeof(msg));
	msg.job = job->number;
	msg.image = job->spec.version->image_index;
	msg.pool = pool;
	msg.stage = job->stage;
	msg.limits = limits_of(job, config);

	fds[FD_PAYLOAD] = seal_payload(job);
	if (fds[FD_PAYLOAD] < 0)
		return -ERR_IO;
	native_set_callbacks(&job->io);
	int rc = stage_io_open(&job->io, loop, stdin_data, job->spec.limits.output_bytes, result,
	                       &fds[FD_STDIN]);
	if (rc < 0) {
		fd_close(fds[FD_PAYLOAD]);
		return rc;
	}
	fds[FD_ARTEFACT] = artefact_for(job);
	unsigned count = fds[FD_ARTEFACT] < 0 ? FD_ARTEFACT : FD_ARTEFACT + 1;
	msg.packs = add_packs(&job->spec.session, fds + count);
	count += msg.packs;
	collect_fd = native_collect_for(job);
	msg.collect = collect_fd >= 0;
	if (msg.collect)
		fds[count++] = collect_fd;
	if (msg.packs < job->spec.session.pack_count || (job->spec.session.joined && job->stage == STAGE_RUN && !msg.collect)) {
		for (unsigned i = 0; i < count; i++)
			fd_close(fds[i]);
		return -ERR_IO;
	}
	return channel_send(spawner, MSG_SPAWNER_RUN, &msg, fds, count) < 0 ? -ERR_UNAVAILABLE : 0;
}

void native_kill(struct job *job, struct channel *spawner, enum kill_reason reason)
{
	struct msg_kill msg;

	if (job->killed || !spawner)
		return;
	job->killed = true;
	memset(&msg, 0, sizeof(msg));
	msg.job = job->number;
	msg.reason = reason;
	channel_send(spawner, MSG_SPAWNER_KILL, &msg, NULL, 0);
}

void native_signal(struct job *job, struct channel *spawner, int signal)
{
	struct msg_kill msg;

	if (job->killed || !spawner)
		return;
	memset(&msg, 0, sizeof(msg));
	msg.job = job->number;
	msg.reason = KILL_SIGNAL;
	msg.signal = (uint32_t)signal;
	channel_send(spawner, MSG_SPAWNER_KILL, &msg, NULL, 0);
}

/* A compiler that fails, for whatever reason but time, is a compile error; its own output says more. */
static enum run_status compile_status(enum run_status status)
{
	switch (status) {
	case RUN_STATUS_OK:
		return RUN_STATUS_OK;
	case RUN_STATUS_WALL_TIMEOUT:
	case RUN_STATUS_CPU_TIMEOUT:
		return RUN_STATUS_COMPILE_TIMEOUT;
	default:
		return RUN_STATUS_COMPILE_ERROR;
	}
}

static bool finish_compile(struct job *job)
{
	struct stage_result *compile = &job->result.compile;

	verdict_fill(compile, &job->done);
	compile->status = compile_status(compile->status);
	if (compile->status == RUN_STATUS_OK && (!job->done.artefact || fd_seal(job->artefact_fd) < 0)) {
		compile->status = RUN_STATUS_COMPILE_ERROR;
		snprintf(compile->note, sizeof(compile->note),
		         "The compiler succeeded but left no program of allowed size.");
	}
	job->result.status = compile->status;
	return compile->status == RUN_STATUS_OK;
}

/* What cannot be read was not collected: the run is as good as it is without. */
void native_collected(struct job *job, bool collected)
{
	struct collected_limits limits = collect_limits(job);

	if (collected)
		job->result.collected = collected_read(&job->result.artifacts, job->collect_fd, &limits) == 0;
}

bool native_finish(struct job *job)
{
	stage_io_close(&job->io);
	if (job->stage == STAGE_COMPILE)
		return finish_compile(job);
	verdict_fill(&job->result.run, &job->done);
	job->result.status = job->result.run.status;
	native_collected(job, job->done.collected == 1);
	if (job->spec.scan.scanner.data)
		scanned_read(&job->result.violations, &job->result.run.err, job->spec.scan.word);
	return false;
}
