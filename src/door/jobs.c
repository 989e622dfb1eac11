/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is where. One ask to the store at a time for each job. An ask without an answer (the store
 * has died) is asked again: all of them say what is to be, not what is to be changed.
 */
#include "door/jobs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "door/jobs_run.h"
#include "door/recall.h"
#include "door/record.h"
#include "door/webhooks.h"

#define BUCKETS	  4096 /* a power of two */
#define AGAIN_NS  (200 * NS_PER_MS)
#define UNBOUNDED (UINT64_MAX / 2) /* the line has none of its own: config->jobs_max counts */

struct jobs {
	struct door *door;
	struct accepted *buckets[BUCKETS];
	struct fair_queue line;
	uint64_t all;	 /* in buckets */
	uint64_t active; /* claimed and not ended, or not returned */
	uint64_t ending;
	struct timer timer;
	struct recall recall;
	struct key *recalled_key; /* of the last one: the next one is often of the same */
	struct jobs_counters counters;
};

static void recall_one(struct recall *recall, const struct document *document);
static void all_recalled(struct recall *recall);

struct jobs *jobs_create(struct door *door)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));

	if (!jobs)
		return NULL;
	jobs->door = door;
	jobs->recall = (struct recall){.door = door,
				       .kind = DOCUMENT_JOB,
				       .take = recall_one,
				       .all_taken = all_recalled};
	queue_init(&jobs->line, KEY_LINE_JOBS, UNBOUNDED, UNBOUNDED);
	return jobs;
}

struct door *jobs_door(const struct jobs *jobs)
{
	return jobs->door;
}

void jobs_count_accepted(struct jobs *jobs)
{
	jobs->counters.accepted++;
}

/* --- the table --- */

static struct accepted **bucket_of(struct jobs *jobs, const char *id)
{
	return &jobs->buckets[slice_hash(slice_from(id)) & (BUCKETS - 1)];
}

static struct accepted *find(struct jobs *jobs, const char *id)
{
	struct accepted *accepted = *bucket_of(jobs, id);

	while (accepted && strcmp(accepted->id, id) != 0)
		accepted = accepted->next;
	return accepted;
}

struct accepted *jobs_find(struct jobs *jobs, const struct key *key, const char *id)
{
	struct accepted *accepted = find(jobs, id);

	return accepted && accepted->key == key && accepted->state != ACCEPTED_NEW ? accepted
										   : NULL;
}

static void unlink_accepted(struct accepted *accepted)
{
	struct accepted **link = bucket_of(accepted->jobs, accepted->id);

	while (*link != accepted)
		link = &(*link)->next;
	*link = accepted->next;
	accepted->jobs->all--;
}

static struct accepted *create(struct jobs *jobs, struct key *key, const char *id)
{
	struct accepted *accepted = calloc(1, sizeof(*accepted));

	if (!accepted)
		return NULL;
	accepted->jobs = jobs;
	accepted->key = key;
	accepted->mark = JOB_WAITS;
	snprintf(accepted->id, sizeof(accepted->id), "%s", id);
	buf_init(&accepted->head, JOB_HEAD_BYTES_MAX);
	buf_init(&accepted->documents, JOB_BYTES_MAX);
	struct accepted **bucket = bucket_of(jobs, id);
	accepted->next = *bucket;
	*bucket = accepted;
	jobs->all++;
	return accepted;
}

struct accepted *accepted_create(struct jobs *jobs, struct key *key)
{
	char id[ID_BYTES];

	id_make(id, "exe");
	return jobs->all < jobs->door->config->jobs_max ? create(jobs, key, id) : NULL;
}

static void destroy(struct accepted *accepted)
{
	accepted_close_events(accepted);
	unlink_accepted(accepted);
	documents_end(&accepted->wait);
	loop_timer_cancel(accepted->jobs->door->loop, &accepted->timer);
	arena_destroy(accepted->arena);
	buf_finish(&accepted->head);
	buf_finish(&accepted->documents);
	free(accepted);
}

void accepted_drop(struct accepted *accepted)
{
	destroy(accepted);
}

/* --- asking the store --- */

static bool ask(struct accepted *accepted, struct msg_document_ask *msg, struct slice put,
		void (*fn)(struct document_wait *))
{
	accepted->wait.fn = fn;
	accepted->wait.background = true;
	return documents_ask(&accepted->wait, accepted->jobs->door, accepted->key, msg, put,
			     NULL) == 0;
}

static bool ask_claim(struct accepted *accepted, uint32_t mark, void (*fn)(struct document_wait *))
{
	struct msg_document_ask msg = {.op = DOCUMENT_CLAIM, .kind = DOCUMENT_JOB};

	msg.mark_from = accepted->mark;
	msg.mark_to = mark;
	document_id_copy(msg.id, slice_from(accepted->id));
	return ask(accepted, &msg, (struct slice){0}, fn);
}

/* --- waiting --- */

static void on_timer(struct timer *timer);

static void go_on_at(struct jobs *jobs, uint64_t due_ns)
{
	if (!jobs->timer.place || jobs->timer.due_ns > due_ns)
		loop_timer_set(jobs->door->loop, &jobs->timer, due_ns, on_timer);
}

void jobs_go_on(struct jobs *jobs)
{
	if (jobs->line.len)
		go_on_at(jobs, clock_now_ns());
}

void accepted_wait(struct accepted *accepted)
{
	struct jobs *jobs = accepted->jobs;

	accepted->state = ACCEPTED_WAITING;
	queue_push(&jobs->line, &accepted->queue, accepted->key, 0);
	jobs_go_on(jobs);
}

/* It is claimed no more. */
static void let_go(struct accepted *accepted)
{
	accepted->jobs->active--;
	accepted->key->lines[KEY_LINE_JOBS].running--;
	accepted->job = NULL;
	arena_destroy(steal_pointer(accepted->arena));
}

/* Whoever has it now cannot take it: a little later, perhaps. */
static void wait_again(struct accepted *accepted)
{
	let_go(accepted);
	if (accepted->cancelled) {
		accepted_end(accepted, &(struct execution_now){.state = EXECUTION_CANCELLED},
			     (struct slice){0});
		return;
	}
	accepted->state = ACCEPTED_WAITING;
	queue_push(&accepted->jobs->line, &accepted->queue, accepted->key, 0);
	go_on_at(accepted->jobs, clock_now_ns() + AGAIN_NS);
}

static void on_returned(struct document_wait *wait)
{
	struct accepted *accepted = container_of(wait, struct accepted, wait);

	documents_end(wait);
	wait_again(accepted);
}

/*
 * It was claimed and the spawner has not had it. Without an answer it stays marked as begun, which
 * the next claim takes as its own.
 */
void accepted_return(struct accepted *accepted)
{
	accepted->state = ACCEPTED_RETURNING;
	accepted->job = NULL;
	bool asked = ask_claim(accepted, accepted->mark - 1, on_returned);
	accepted->mark--;
	if (!asked)
		wait_again(accepted);
}

/* --- its turn --- */

static void on_claimed(struct document_wait *wait)
{
	struct accepted *accepted = container_of(wait, struct accepted, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;

	if (wait->code == 0)
		accepted->mark++;
	if (wait->code == 0 && accepted->cancelled) {
		documents_end(wait);
		let_go(accepted);
		accepted_end(accepted, &(struct execution_now){.state = EXECUTION_CANCELLED},
			     (struct slice){0});
	} else if (wait->code == 0 && document_next(&bytes, &document) > 0) {
		accepted->state = ACCEPTED_RUNNING;
		accepted_run(accepted, document.body);
	} else if (wait->code == -ERR_NOT_FOUND || wait->code == -ERR_CONFLICT) {
		log_at(LOG_WARN, "job_gone", "id=%s code=%s", accepted->id, err_name(wait->code));
		let_go(accepted);
		destroy(accepted);
	} else {
		documents_end(wait);
		wait_again(accepted);
	}
}

static void claim(struct accepted *accepted)
{
	accepted->jobs->active++;
	accepted->key->lines[KEY_LINE_JOBS].running++;
	accepted->state = ACCEPTED_CLAIMING;
	if (!ask_claim(accepted, accepted->mark + 1, on_claimed))
		wait_again(accepted);
}

static bool may_claim(const struct jobs *jobs)
{
	const struct door *door = jobs->door;

	return door->store && door->spawner_attached &&
	       jobs->active < door->config->jobs_running_max && door_refuses(door, NULL) == ERR_OK;
}

static void on_timer(struct timer *timer)
{
	struct jobs *jobs = container_of(timer, struct jobs, timer);
	struct queue_entry *entry;

	while (may_claim(jobs) && (entry = queue_pop(&jobs->line, 1))) {
		struct accepted *accepted = container_of(entry, struct accepted, queue);
		claim(accepted);
		if (accepted->state == ACCEPTED_WAITING)
			return; /* the store does not take it: the timer is set again */
	}
}

/* --- the end --- */

static void send_end(struct accepted *accepted);

static void on_end_due(struct timer *timer)
{
	send_end(container_of(timer, struct accepted, timer));
}

/* What cannot be kept is kept without its result. */
static void end_without_result(struct accepted *accepted, const struct err *err)
{
	struct execution_now now = {.state = EXECUTION_FAILED, .error = err};

	accepted->bare = true;
	accepted->jobs->ending--;
	accepted_end(accepted, &now, (struct slice){0});
}

static void on_ended(struct document_wait *wait)
{
	struct accepted *accepted = container_of(wait, struct accepted, wait);
	struct jobs *jobs = accepted->jobs;
	const int code = wait->code;
	const struct err err = wait->err;

	documents_end(wait);
	if (code == 0) {
		jobs->ending--;
		if (accepted->webhook)
			webhooks_due(jobs->door->webhooks, accepted->key, accepted->id);
		accepted_answer_cancel(accepted);
		destroy(accepted);
	} else if ((code == -ERR_LIMIT_EXCEEDED || code == -ERR_TOO_LARGE) && !accepted->bare) {
		end_without_result(accepted, &err);
	} else {
		loop_timer_set(jobs->door->loop, &accepted->timer, clock_now_ns() + AGAIN_NS,
			       on_end_due);
	}
}

static void send_end(struct accepted *accepted)
{
	struct msg_document_ask msg = {.op = DOCUMENT_PUT};

	/* each time, as both may have gone with a store: it commits the first with the second */
	if (accepted->lost)
		record_lost(accepted->jobs->door, accepted->key, buf_slice(&accepted->head));
	if (!ask(accepted, &msg, buf_slice(&accepted->documents), on_ended))
		loop_timer_set(accepted->jobs->door->loop, &accepted->timer,
			       clock_now_ns() + AGAIN_NS, on_end_due);
}

void accepted_end(struct accepted *accepted, const struct execution_now *end, struct slice result)
{
	struct jobs *jobs = accepted->jobs;
	struct execution_now now = *end;

	accepted->state = ACCEPTED_ENDING;
	jobs->ending++;
	accepted->lost = now.state == EXECUTION_LOST;
	jobs->counters.lost += accepted->lost;
	now.ended_ms = clock_wall_ms();
	now.attempts = accepted->mark - JOB_WAITS;
	buf_clear(&accepted->documents);
	if (!accepted_write_end(accepted, &now, result))
		fatal("no_memory", "what=end id=%s", accepted->id);
	accepted_close_events(accepted);
	send_end(accepted);
	jobs_go_on(jobs);
}

void accepted_ended(struct accepted *accepted, const struct execution_now *end, struct slice result)
{
	let_go(accepted);
	accepted_end(accepted, end, result);
}

static void lose(struct accepted *accepted, uint64_t started_ms)
{
	struct execution_now now = {.state = EXECUTION_LOST, .started_ms = started_ms};
	struct err err;

	if (accepted->mark - JOB_WAITS <= accepted->retry && !accepted->cancelled) {
		accepted_wait(accepted);
		return;
	}
	err_set(&err, ERR_UNAVAILABLE,
		"The server was stopped while this ran, so nobody knows what came of it.");
	now.error = &err;
	accepted_end(accepted, &now, (struct slice){0});
}

void accepted_stopped(struct accepted *accepted, uint64_t started_ms)
{
	let_go(accepted);
	lose(accepted, started_ms);
}

bool accepted_cancel(struct accepted *accepted)
{
	const struct execution_now now = {.state = EXECUTION_CANCELLED};

	accepted->cancelled = true;
	switch (accepted->state) {
	case ACCEPTED_WAITING:
		queue_remove(&accepted->jobs->line, &accepted->queue);
		accepted_end(accepted, &now, (struct slice){0});
		return true;
	case ACCEPTED_RUNNING:
		record_cancel(accepted->jobs->door, accepted->job);
		accepted_ended(accepted, &now, (struct slice){0});
		return true;
	case ACCEPTED_CLAIMING:
	case ACCEPTED_RETURNING:
		return true; /* when the store has answered */
	default:
		return false;
	}
}

/* --- what an earlier process has left --- */

static struct key *key_of(struct jobs *jobs, const char *id)
{
	if (!jobs->recalled_key || strcmp(jobs->recalled_key->facts.id, id) != 0)
		jobs->recalled_key = keyring_find_id(jobs->door->keys, id);
	return jobs->recalled_key;
}

static void recall_one(struct recall *recall, const struct document *document)
{
	struct jobs *jobs = container_of(recall, struct jobs, recall);
	struct key *key = key_of(jobs, document->parent);
	struct accepted *accepted =
	    key && !find(jobs, document->id) ? create(jobs, key, document->id) : NULL;

	if (!accepted)
		return;
	accepted->mark = (uint32_t)document->mark;
	if (buf_append(&accepted->head, document->head.data, document->head.len) < 0)
		fatal("no_memory", "what=recall");
	accepted->retry = execution_retry(document->head);
	accepted->webhook = execution_has_webhook(document->head);
	if (accepted->mark == JOB_WAITS)
		accepted_wait(accepted);
	else
		lose(accepted, 0);
}

static void all_recalled(struct recall *recall)
{
	webhooks_recall(recall->door->webhooks);
}

void jobs_recall(struct jobs *jobs)
{
	recall_begin(&jobs->recall);
	jobs_go_on(jobs);
}

/* --- what is known --- */

struct event_log *jobs_event_log(struct jobs *jobs, const struct key *key, struct slice id)
{
	char text[KEY_ID_BYTES];
	struct accepted *accepted = document_id_copy(text, id) ? jobs_find(jobs, key, text) : NULL;

	if (!accepted || accepted->state == ACCEPTED_ENDING || !accepted_open_events(accepted))
		return NULL;
	return accepted->events.log;
}

static uint64_t position_of(const struct accepted *accepted)
{
	const struct list *waiting = &accepted->key->lines[KEY_LINE_JOBS].waiting;
	uint64_t position = 1;

	for (struct list_node *node = waiting->head.next; node != &accepted->queue.node;
	     node = node->next)
		position++;
	return position;
}

struct execution_now accepted_now(const struct accepted *accepted)
{
	const struct job *job = accepted->job;
	struct execution_now now = {.state = EXECUTION_QUEUED,
				    .attempts = accepted->mark - JOB_WAITS};

	if (accepted->state == ACCEPTED_WAITING)
		now.position = position_of(accepted);
	if (accepted->state == ACCEPTED_ENDING || (job && job->started_ns))
		now.state = EXECUTION_RUNNING;
	if (job && job->started_ns)
		now.started_ms = clock_wall_ms() - (clock_now_ns() - job->started_ns) / NS_PER_MS;
	return now;
}

bool jobs_busy(const struct jobs *jobs)
{
	return jobs->active || jobs->ending;
}

const struct jobs_counters *jobs_counters(struct jobs *jobs)
{
	jobs->counters.waiting = jobs->line.len;
	jobs->counters.active = jobs->active;
	return &jobs->counters;
}
