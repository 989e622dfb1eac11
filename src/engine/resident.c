/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/resident.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/fd.h"
#include "base/log.h"
#include "engine/native.h"

#define GRACE_NS     (2000 * NS_PER_MS)      /* from the interrupt to the kill */
#define START_NS     (30 * NS_PER_SEC)       /* a new interpreter may wait so long for a slot */
#define DEAF_NS      (500 * NS_PER_MS)       /* from the end of its channel to the kill, if it has not ended */
#define IDLE_NS      (86400 * NS_PER_SEC)    /* its owner ends it much earlier */
#define LOOK_LEAST_NS (10 * NS_PER_MS)       /* between two looks at the CPU time */
#define STRIKES_MOST 3
#define READ_BYTES   (64 * KIB)
#define HEADS_BYTES  ((RESIDENT_PARTS_MAX + 1) * RESIDENT_LINE_BYTES)

/*
 * IDLE: no execute is at it. RUNNING, INTERRUPTED (a limit was hit): its answer is awaited. METERING: that is
 * there, and the spawner is asked what it took. DEAF: it has closed its channel, and as a rule has ended.
 * ENDING: the run was killed.
 */
enum resident_state { RESIDENT_IDLE, RESIDENT_RUNNING, RESIDENT_INTERRUPTED, RESIDENT_METERING, RESIDENT_DEAF, RESIDENT_ENDING };

struct resident {
	struct engine *engine;
	struct key *key;
	struct job_spec spec;
	enum resident_state state;
	struct job *run;          /* owned; NULL: there is no interpreter */
	struct job *job;          /* the execute; NULL: none */
	int answers_fd;
	struct watch watch;
	struct buf answers;
	char token[ID_BYTES];     /* of the execute */
	struct timer timer;
	uint64_t executes, meter_number;
	uint64_t base_number;     /* of the METER at the begin of the execute; 0: there was none */
	uint64_t begun_ns, ended_ns, wall_due_ns, cpu_base_ns, cpu_used_ns;
	enum run_status limit;    /* that the execute went past; RUN_STATUS_OK: none */
	const char *why;          /* the run is ended for this; NULL: it is not */
	const char *untold;       /* what was known is lost, and nobody was told yet; NULL: it is not so */
	unsigned strikes;
};

static struct resident_counters counters;

const struct resident_counters *resident_counters(void)
{
	return &counters;
}

/* --- the spawner's part --- */

static struct channel *spawner_of(const struct resident *resident)
{
	return engine_spawner(resident->engine);
}

/*
 * So much more it may use from now on; the answer says what it has. fd is taken: what it leaves is collected into that,
 * when it ends or is metered with `collect`.
 */
static void meter(struct resident *resident, uint64_t wall_ns, uint64_t cpu_ns, int fd, bool collect)
{
	struct msg_meter msg;

	memset(&msg, 0, sizeof(msg));
	msg.job = resident->run->number;
	msg.number = ++resident->meter_number;
	msg.wall_ns = wall_ns;
	msg.cpu_ns = cpu_ns;
	msg.collect = collect;
	if (spawner_of(resident))
		channel_send(spawner_of(resident), MSG_SPAWNER_METER, &msg, &fd, fd >= 0);
	else
		fd_close(fd);
}

static uint64_t cpu_limit_ns(const struct resident *resident)
{
	return resident->job->spec.limits.cpu_time_ms * NS_PER_MS;
}

/* RUN_DONE follows. */
static void end_run(struct resident *resident, const char *why)
{
	if (resident->why)
		return;
	resident->why = why;
	resident->state = RESIDENT_ENDING;
	native_kill(resident->run, spawner_of(resident), KILL_GONE);
}

static void on_due(struct timer *timer);

/* --- the end of an execute --- */

static void close_answers(struct resident *resident)
{
	loop_remove(engine_loop(resident->engine), &resident->watch);
	resident->answers_fd = fd_close(resident->answers_fd);
	buf_finish(&resident->answers);
}

/* Nothing can come from it any more; what it came to is told by the end of the run. */
static void be_deaf(struct resident *resident)
{
	if (resident->state == RESIDENT_ENDING || resident->state == RESIDENT_METERING)
		return;
	resident->state = RESIDENT_DEAF;
	loop_timer_set(engine_loop(resident->engine), &resident->timer, clock_now_ns() + DEAF_NS, on_due);
}

static struct job *take_job(struct resident *resident)
{
	struct job *job = resident->job;

	resident->job = NULL;
	loop_timer_cancel(engine_loop(resident->engine), &resident->timer);
	if (resident->state != RESIDENT_ENDING)
		resident->state = RESIDENT_IDLE;
	if (resident->run && resident->answers_fd < 0)
		be_deaf(resident);
	return job;
}

static void fill_used(const struct resident *resident, struct stage_result *result, uint64_t cpu_ns, uint64_t peak_bytes)
{
	result->present = true;
	result->started = true;
	result->wall_ns = resident->ended_ns - resident->begun_ns;
	result->cpu_ns = MAX_OF(cpu_ns, resident->cpu_base_ns) - resident->cpu_base_ns;
	result->memory_peak_bytes = peak_bytes;
}

static enum run_status status_of(const struct resident *resident, const struct resident_frame *frame)
{
	if (resident->limit != RUN_STATUS_OK)
		return resident->limit;
	if (frame->outcome == RESIDENT_OUTCOME_INTERRUPTED)
		return RUN_STATUS_SIGNAL;
	return frame->exit_code ? RUN_STATUS_ERROR : RUN_STATUS_OK;
}

/* The interpreter has answered, and the spawner has said what that took. */
static void finish_answered(struct resident *resident, const struct msg_metered *msg)
{
	struct stage_result *result = &resident->job->result.run;
	const struct resident_frame *frame = &resident->job->result.resident.answer->frame;
	bool interrupted = frame->outcome == RESIDENT_OUTCOME_INTERRUPTED;

	native_collected(resident->job, msg->collected == 1);
	resident->job->done = (struct msg_run_done){.end = RUN_EXITED, .started = 1, .collected = msg->collected};
	fill_used(resident, result, msg->cpu_ns, msg->memory_peak_bytes);
	result->status = status_of(resident, frame);
	result->has_exit_code = !interrupted;
	result->exit_code = frame->exit_code;
	result->signal = interrupted ? SIGINT : 0;
	resident->job->result.resident.kept = resident_is_there(resident);
	resident->job->result.status = result->status;
	engine_resident_over(take_job(resident));
}

/* The run is over instead: what it came to, the execute did. */
static void finish_lost(struct resident *resident, const struct job *run)
{
	struct stage_result *result = &resident->job->result.run;
	const struct stage_result *of_run = &run->result.run;

	resident->ended_ns = clock_now_ns();
	native_collected(resident->job, run->done.collected == 1);
	resident->job->done = run->done;
	fill_used(resident, result, of_run->cpu_ns, of_run->memory_peak_bytes);
	result->started = of_run->started;
	result->status = of_run->status;
	if (run->done.end == RUN_KILLED) /* by us */
		result->status = resident->limit == RUN_STATUS_OK ? RUN_STATUS_SIGNAL : resident->limit;
	result->has_exit_code = of_run->has_exit_code;
	result->exit_code = of_run->exit_code;
	result->signal = of_run->signal;
	memcpy(result->note, of_run->note, sizeof(result->note));
	resident->job->result.resident.kept = false;
	resident->job->result.resident.why_lost = resident->why;
	resident->job->result.status = result->status;
	engine_resident_over(take_job(resident));
}

/* --- the end of the run --- */

static const char *why_ended(const struct job *run)
{
	if (run->error.code)
		return run->error.code == ERR_UNAVAILABLE ? RESIDENT_RESTARTED : err_name(run->error.code);
	return run->result.status == RUN_STATUS_OK || run->result.status == RUN_STATUS_ERROR ? "exited"
											      : run_status_name(run->result.status);
}

static void on_run_finished(struct job *run)
{
	struct resident *resident = run->owner;

	resident->run = NULL;
	resident->key->residents--;
	resident->state = RESIDENT_ENDING;
	loop_timer_cancel(engine_loop(resident->engine), &resident->timer);
	close_answers(resident);
	counters.lost++;
	if (!resident->why)
		resident->why = why_ended(run);
	if (resident->job && run->error.code)
		engine_resident_failed(take_job(resident), &run->error);
	else if (resident->job)
		finish_lost(resident, run);
	else
		resident->untold = resident->why;
	job_destroy(run);
}

/* --- limits --- */

static void arm(struct resident *resident, uint64_t look_ns)
{
	uint64_t now_ns = clock_now_ns();

	loop_timer_set(engine_loop(resident->engine), &resident->timer, MIN_OF(now_ns + look_ns, resident->wall_due_ns), on_due);
}

/* Of a program that the launcher has started the others of the jail are to know nothing. */
static void interrupt(struct resident *resident)
{
	bool launcher = resident->spec.control == PAYLOAD_CONTROL_LAUNCHER;

	engine_signal(resident->run, launcher ? PAYLOAD_INTERRUPT : SIGINT);
}

/* When the CPU time could first be used up. */
static uint64_t look_after_ns(const struct resident *resident)
{
	uint64_t limit_ns = cpu_limit_ns(resident), left_ns = limit_ns - MIN_OF(resident->cpu_used_ns, limit_ns);

	return MAX_OF(left_ns * 1000 / MAX_OF(resident->spec.limits.cpu_milli, 1000u), (uint64_t)LOOK_LEAST_NS);
}

/* A limit was hit: first it is asked to stop, so that the state is kept. */
static void stop(struct resident *resident, enum run_status limit)
{
	if (resident->state != RESIDENT_RUNNING)
		return;
	resident->limit = limit;
	resident->state = RESIDENT_INTERRUPTED;
	interrupt(resident);
	counters.interrupted++;
	loop_timer_set(engine_loop(resident->engine), &resident->timer, clock_now_ns() + GRACE_NS, on_due);
}

static void on_due(struct timer *timer)
{
	struct resident *resident = container_of(timer, struct resident, timer);
	uint64_t now_ns = clock_now_ns();

	if (resident->state == RESIDENT_DEAF) {
		end_run(resident, "closed its channel");
	} else if (resident->state == RESIDENT_INTERRUPTED) {
		end_run(resident, run_status_name(resident->limit));
	} else if (now_ns >= resident->wall_due_ns) {
		stop(resident, RUN_STATUS_WALL_TIMEOUT);
	} else {
		/* the spawner's limits are the backstop; the next look is set when it has said what was used */
		meter(resident, resident->wall_due_ns - now_ns + GRACE_NS, cpu_limit_ns(resident) + GRACE_NS, -1, false);
		arm(resident, resident->wall_due_ns - now_ns);
	}
}

static void look_at_cpu(struct resident *resident, uint64_t cpu_ns)
{
	resident->cpu_used_ns = MAX_OF(cpu_ns, resident->cpu_base_ns) - resident->cpu_base_ns;
	if (resident->cpu_used_ns >= cpu_limit_ns(resident))
		stop(resident, RUN_STATUS_CPU_TIMEOUT);
	else
		arm(resident, look_after_ns(resident));
}

void resident_metered(struct resident *resident, const struct msg_metered *msg)
{
	if (msg->number == resident->base_number)
		resident->cpu_base_ns = msg->cpu_ns; /* what it did between executes was none's */
	if (msg->number != resident->meter_number)
		return;
	if (resident->state == RESIDENT_METERING)
		finish_answered(resident, msg);
	else if (resident->state == RESIDENT_RUNNING)
		look_at_cpu(resident, msg->cpu_ns);
}

/* --- what comes from it --- */

static void strike(struct resident *resident)
{
	counters.strikes++;
	if (++resident->strikes >= STRIKES_MOST)
		end_run(resident, "answered what was not asked");
}

static void accept(struct resident *resident, struct resident_answer *answer)
{
	struct job *job = resident->job;

	job->result.resident.answer = answer;
	resident->state = RESIDENT_METERING;
	resident->ended_ns = clock_now_ns();
	loop_timer_cancel(engine_loop(resident->engine), &resident->timer);
	stage_io_collect(&resident->run->io);
	stage_io_pause(&resident->run->io, true);
	meter(resident, IDLE_NS, resident->spec.limits.cpu_time_ms * NS_PER_MS, -1, job->collect_fd >= 0);
}

/* Takes what has come, for good. Nothing is awaited from it afterwards. */
static void take_answer(struct resident *resident, const struct resident_frame *frame)
{
	struct resident_answer *answer = malloc(sizeof(*answer));

	if (!answer) {
		end_run(resident, err_name(ERR_NO_MEMORY));
		return;
	}
	if (frame->bytes < resident->answers.len)
		strike(resident);
	*answer = (struct resident_answer){.frame = *frame, .bytes = resident->answers};
	buf_init(&resident->answers, READ_BYTES);
	accept(resident, answer);
}

static bool awaits_answer(const struct resident *resident)
{
	return resident->state == RESIDENT_RUNNING || resident->state == RESIDENT_INTERRUPTED;
}

static void read_frames(struct resident *resident)
{
	struct resident_frame frame;
	int rc;

	while (awaits_answer(resident) && (rc = resident_frame_parse(buf_slice(&resident->answers), &frame)) != 0) {
		if (rc < 0) {
			end_run(resident, "answered nonsense");
			return;
		}
		if (strcmp(frame.token, resident->token) == 0) {
			take_answer(resident, &frame);
			return;
		}
		buf_consume(&resident->answers, frame.bytes);
		strike(resident);
	}
}

static void on_readable(struct watch *watch, uint32_t events _unused_)
{
	struct resident *resident = container_of(watch, struct resident, watch);
	static char bytes[READ_BYTES];
	ssize_t n = read(resident->answers_fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_answers(resident);
		be_deaf(resident);
	} else if (buf_append(&resident->answers, bytes, (size_t)n) < 0) {
		end_run(resident, "answered too much");
	} else if (awaits_answer(resident)) {
		read_frames(resident);
	} else {
		buf_clear(&resident->answers);
		strike(resident);
	}
}

static void on_data(struct job *run, unsigned stream, struct slice data)
{
	struct resident *resident = run->owner;

	if (resident->job && engine_resident_data(resident->job, stream, data) < 0)
		stop(resident, RUN_STATUS_OUTPUT_LIMIT);
}

static void nothing(struct job *run _unused_)
{
}

static const struct job_stream run_stream = {
    .interactive = true,
    .on_stage = nothing, .on_data = on_data, .on_exit = nothing};

/* --- the beginning --- */

/* The pipe for its answers: what it holds of it is opened by its name in /proc by some. -1 with errno. */
static int open_answers(struct resident *resident, int *ret_theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	resident->answers_fd = ends[0];
	*ret_theirs = ends[1];
	if (fchmod(ends[1], 0666) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return loop_add(engine_loop(resident->engine), &resident->watch, ends[0], EPOLLIN, on_readable);
}

/* For the first execute, too, so that it is not the spawner who ends it first. */
static struct job_limits first_limits(const struct resident *resident, const struct job_limits *of_job)
{
	struct job_limits limits = resident->spec.limits;

	limits.wall_time_ms = of_job->wall_time_ms + (START_NS + GRACE_NS) / NS_PER_MS;
	limits.cpu_time_ms = of_job->cpu_time_ms + GRACE_NS / NS_PER_MS;
	limits.artifacts = of_job->artifacts;
	limits.artifact_bytes = of_job->artifact_bytes;
	return limits;
}

/* The session's files are those that the first execute has been given, which also says what is to come back. */
static void make_spec(const struct resident *resident, const struct job_spec *first, struct job_spec *ret_spec)
{
	*ret_spec = resident->spec;
	ret_spec->session = first->session;
	ret_spec->artifacts = first->artifacts;
	ret_spec->output_files = first->output_files;
	ret_spec->output_file_count = first->output_file_count;
	ret_spec->limits = first_limits(resident, &first->limits);
}

static int start_run(struct resident *resident, struct job *run, struct job *first)
{
	make_spec(resident, &first->spec, &run->spec);
	run->stream = &run_stream;
	if (open_answers(resident, &run->artefact_fd) < 0)
		return -ERR_IO;
	int rc = engine_start_resident(resident->engine, run);
	run->artefact_fd = fd_close(run->artefact_fd); /* it has a copy: so that its end is seen */
	first->collect_fd = fd_steal(&run->collect_fd);
	return rc;
}

static int start(struct resident *resident, struct job *first)
{
	struct job *run = job_create(resident->key, on_run_finished, resident);

	if (!run)
		return -ERR_NO_MEMORY;
	resident->why = NULL;
	resident->strikes = 0;
	resident->executes = 0;
	resident->meter_number = resident->base_number = resident->cpu_base_ns = 0;
	buf_init(&resident->answers, READ_BYTES);
	int rc = start_run(resident, run, first);
	if (rc < 0) {
		close_answers(resident);
		job_destroy(run);
		return rc;
	}
	resident->run = run;
	resident->key->residents++;
	counters.started++;
	return 0;
}

static int send_request(struct resident *resident, const struct job_spec *spec)
{
	struct resident_request request = {.code = spec->files[spec->entry].data, .stdin_data = spec->stdin_data,
				       .bytes_most = spec->limits.output_bytes, .number = ++resident->executes};
	_buf_finish_ struct buf bytes;

	if (EVP_Digest(request.code.data, request.code.len, resident->job->source_hash, NULL, EVP_sha256(), NULL) != 1)
		return -ERR_NO_MEMORY;
	id_make(resident->token, "ask");
	memcpy(request.token, resident->token, sizeof(request.token));
	buf_init(&bytes, RESIDENT_BYTES_MAX);
	int rc = resident_request_write(&bytes, &request);
	return rc < 0 ? rc : engine_feed(resident->run, buf_slice(&bytes));
}

/* Whether there has to be a new one. One that is ending cannot be waited for: it may take its time. */
static bool replace_if_gone(struct resident *resident)
{
	if (resident_is_there(resident))
		return false;
	if (resident->run)
		resident->untold = resident->why ? resident->why : "exited";
	resident_restart(resident);
	return true;
}

int resident_begin(struct job *job)
{
	struct resident *resident = job->resident;
	if (job->continues && !resident_is_there(resident))
		return -ERR_UNAVAILABLE;
	bool fresh = replace_if_gone(resident);
	int rc = fresh ? start(resident, job) : 0;

	if (rc < 0)
		return rc;
	resident->job = job;
	resident->state = RESIDENT_RUNNING;
	resident->limit = RUN_STATUS_OK;
	resident->begun_ns = clock_now_ns();
	resident->wall_due_ns = resident->begun_ns + job->spec.limits.wall_time_ms * NS_PER_MS;
	resident->cpu_used_ns = 0;
	resident->answers.ceiling = MIN_OF(job->spec.limits.output_bytes, (uint64_t)RESIDENT_BYTES_MAX) + HEADS_BYTES + READ_BYTES;
	job->result.resident = (struct resident_result){.present = true, .fresh = fresh, .why_lost = resident->untold};
	resident->untold = NULL;
	if (!fresh) {
		meter(resident, job->spec.limits.wall_time_ms * NS_PER_MS + GRACE_NS, cpu_limit_ns(resident) + GRACE_NS,
		      native_collect_for(job), false);
		resident->base_number = resident->meter_number;
	}
	arm(resident, look_after_ns(resident));
	stage_io_pause(&resident->run->io, false);
	return send_request(resident, &job->spec);
}

/* --- from outside --- */

struct resident *resident_create(struct engine *engine, struct key *key, const struct job_spec *spec)
{
	struct resident *resident = calloc(1, sizeof(*resident));

	if (!resident)
		return NULL;
	resident->engine = engine;
	resident->key = key;
	resident->spec = *spec;
	if (!spec->control)
		resident->spec.control = PAYLOAD_CONTROL_PROGRAM;
	resident->answers_fd = -1;
	return resident;
}

void resident_tell_lost(struct resident *resident, const char *why)
{
	resident->untold = why;
}

const char *resident_untold(const struct resident *resident)
{
	if (resident->untold || !resident->run || resident_is_there(resident))
		return resident->untold;
	return resident->why ? resident->why : "exited";
}

bool resident_is_there(const struct resident *resident)
{
	return resident->run && !resident->why && resident->answers_fd >= 0;
}

bool resident_is_busy(const struct resident *resident)
{
	return resident->job != NULL;
}

void resident_end(struct resident *resident, const char *why)
{
	if (resident->job)
		end_run(resident, why);
	else
		resident_restart(resident);
}

/* The engine keeps the run until it is dead. */
void resident_restart(struct resident *resident)
{
	struct job *run = resident->run;

	if (!run)
		return;
	resident->run = NULL;
	resident->key->residents--;
	resident->state = RESIDENT_IDLE;
	loop_timer_cancel(engine_loop(resident->engine), &resident->timer);
	close_answers(resident);
	engine_cancel(run);
}

void resident_destroy(struct resident *resident)
{
	if (!resident)
		return;
	resident_restart(resident);
	free(resident);
}

bool resident_interrupt(struct resident *resident)
{
	if (resident->state != RESIDENT_RUNNING)
		return false;
	counters.interrupted++;
	interrupt(resident);
	return true;
}

void resident_cancel(struct job *job)
{
	if (job->resident->job == job)
		stop(job->resident, RUN_STATUS_SIGNAL);
}

void resident_forget(struct job *job)
{
	struct resident *resident = job->resident;

	if (resident->job == job)
		take_job(resident);
}

void resident_pause(struct job *job, bool pause)
{
	struct resident *resident = job->resident;

	if (resident->job == job && resident->run)
		stage_io_pause(&resident->run->io, pause);
}
