/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run of a session: waits for its turn, gets the session's files, runs as any other, and is answered when what it
 * has changed is kept. All ways to run something come by here (exchange_submit), so they need not know of it.
 */
#include <stdio.h>
#include <string.h>

#include "api/limit.h"
#include "door/reply.h"
#include "door/session_resident.h"
#include "door/sessions.h"

/* A job from session_submit to its answer. */
struct session_run {
	struct job *job;
	struct session_user user;
	struct session_keep keep;
	struct session_found found;
	struct session_tree *tree;  /* what the run gets */
	struct session_tree *before; /* what the session has while that is changed; NULL: it is not */
	struct slice *env;          /* owned: the session's and the request's */
	bool keeping;               /* the engine is done with it */
};

static void run_free(struct session_run *run)
{
	session_keep_stop(&run->keep);
	found_finish(&run->found);
	sessions_leave(&run->user);
	tree_unref(run->tree);
	tree_unref(run->before);
	free(run->env);
	free(run);
}

/* To its caller, or to nobody. */
static void answer(struct session_run *run)
{
	struct job *job = run->job;

	job->holder = NULL;
	job->state = JOB_FINISHED;
	run_free(run);
	if (job->cancelled)
		job_destroy(job);
	else
		job->on_finished(job);
}

static void fail(struct session_run *run, const struct err *err)
{
	run->job->error = *err;
	answer(run);
}

/* --- before --- */

static bool same_variable(struct slice a, struct slice b)
{
	const char *end = memchr(a.data, '=', a.len);
	size_t len = end ? (size_t)(end - a.data) + 1 : a.len;

	return b.len >= len && memcmp(a.data, b.data, len) == 0;
}

static bool is_among(const struct job_spec *spec, struct slice variable)
{
	for (size_t i = 0; i < spec->env_count; i++)
		if (same_variable(variable, spec->env[i]))
			return true;
	return false;
}

/* The session's, and over them the request's. */
static int join_env(struct session_run *run, struct job_spec *spec)
{
	const struct session_list *list = &run->user.session->list;
	size_t count = 0;

	run->env = calloc(list->env_count + spec->env_count + 1, sizeof(*run->env));
	if (!run->env)
		return -ERR_NO_MEMORY;
	for (unsigned i = 0; i < list->env_count; i++)
		if (!is_among(spec, list->env[i]))
			run->env[count++] = list->env[i];
	if (spec->env_count)
		memcpy(run->env + count, spec->env, spec->env_count * sizeof(*spec->env));
	spec->env = run->env;
	spec->env_count += count;
	return 0;
}

/* What the session was made with holds for each of its runs, which may ask for less. What may be had can have changed since. */
static void join_limits(const struct session *session, const struct runtime *runtime, struct job_limits *limits)
{
	const struct api_context api = door_context(session->door, session->key);
	const struct job_limits *own = &session->facts.limits;

#define X(name, of_key, of_runtime)                                                                \
	if (own->name && (limits->asked >> LIMIT_##name & 1))                                      \
		limits->name = MIN_OF(limits->name, own->name);                                    \
	else if (own->name)                                                                        \
		limits->name = MIN_OF(own->name, limit_range_of(LIMIT_##name, &api, runtime).most);
#include "api/limit.def"
#undef X
	limits->disk_bytes = MIN_OF(limits->disk_bytes, session_disk_bytes(session));
}

static int check_files(const struct job_spec *spec, const struct session_tree *tree, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < spec->file_count; i++) {
		const struct job_file *file = &spec->files[i];
		const struct pack_item *there = tree_find(tree, PACK_WORK, file->name);
		if (file->of_session && (!there || there->type != PACK_FILE))
			return err_field(err, ERR_INVALID_FIELD, "entrypoint", "There is no such file in the session.");
		if (i != spec->entry || spec->session.code_is_file)
			rc = tree_may_put(tree, PACK_WORK, file->name, PACK_FILE, err);
	}
	if (rc == 0 && tree->bytes > spec->limits.disk_bytes)
		return err_limit(err, ERR_LIMIT_EXCEEDED, "limits.disk_bytes", spec->limits.disk_bytes,
				 "The session's files have %llu bytes, more than this run may have.", (unsigned long long)tree->bytes);
	return rc;
}

static int join(struct session_run *run, struct err *err)
{
	struct session *session = run->user.session;
	struct job *job = run->job;
	struct job_spec *spec = &job->spec;

	join_limits(session, spec->runtime, &spec->limits);
	int rc = check_files(spec, session->tree, err);
	if (rc == 0 && session_has_resident(session))
		rc = session_resident_join(session, job, &run->tree, err);
	if (rc < 0)
		return rc;
	if (join_env(run, spec) < 0)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (!run->tree)
		run->tree = tree_ref(session->tree);
	spec->session.joined = true;
	spec->session.items = run->tree->items;
	spec->session.item_count = run->tree->count;
	spec->session.packs = session->fds;
	spec->session.pack_count = session->list.pack_count;
	rc = engine_submit(session->door->engine, job);
	return rc < 0 ? err_set(err, (enum err_code)-rc, "%s", err_default_text(rc)) : 0;
}

static void go(struct session_run *run)
{
	struct err err;

	if (join(run, &err) < 0)
		fail(run, &err);
}

static void on_made(struct session_keep *keep)
{
	struct session_run *run = container_of(keep, struct session_run, keep);

	if (keep->code)
		fail(run, &keep->err);
	else
		go(run);
}

static void on_turn(struct session_user *user)
{
	struct session_run *run = container_of(user, struct session_run, user);
	struct session_outcome *outcome = &run->job->result.session;

	if (user->code) {
		fail(run, &user->err);
		return;
	}
	outcome->present = true;
	outcome->created = user->session->created;
	if (outcome->created) {
		user->session->facts.stateful = run->job->spec.session.stateful;
		user->session->facts.background = run->job->spec.session.background;
	}
	memcpy(outcome->id, user->session->name, sizeof(outcome->id));
	if (!user->session->created) {
		go(run);
		return;
	}
	/* in the database before it runs: whether there may be one more is decided there */
	run->keep.fn = on_made;
	session_keep_begin(&run->keep, user, NULL, 0);
}

/* --- after --- */

static void finish(struct session_run *run)
{
	struct session_outcome *outcome = &run->job->result.session;

	session_touch(run->user.session, false);
	outcome->expires_ms = run->user.session->facts.expires_ms;
	outcome->skipped = run->found.skipped;
	outcome->kept = !outcome->why;
	answer(run);
}

static void on_kept(struct session_keep *keep)
{
	struct session_run *run = container_of(keep, struct session_run, keep);
	struct job *job = run->job;

	if (!keep->code)
		session_resident_kept(run->user.session, run->before, run->found.changes, run->found.count);
	tree_unref(run->before);
	run->before = NULL;
	if (keep->code == -ERR_UNAVAILABLE || keep->code == -ERR_STORE) {
		fail(run, &keep->err); /* the session is as it was: all of it can be done again */
		return;
	}
	if (keep->code) {
		job->error_text = strdup(keep->err.text);
		job->result.session.why = job->error_text ? job->error_text : "Out of memory.";
	}
	finish(run);
}

/* Why nothing of what a run has left can be kept; NULL: it can. */
static const char *why_not(const struct job *job)
{
	const struct collected *collected = &job->result.artifacts;

	if (!job->result.run.present)
		return NULL; /* a compile that failed leaves nothing */
	if (!job->done.started)
		return "The program was not started.";
	if (!job->result.collected || !collected->found.changes)
		return "What it left could not be read.";
	if (collected->found.verdict == COLLECT_TOO_LARGE)
		return "It left more than the session may have.";
	if (collected->found.verdict)
		return "It left more files than a session may have.";
	/* ended from outside, while the files were being put in place: what is missing was not deleted */
	return collected->found.complete || job->done.end == RUN_EXITED ? NULL : "It was ended before it began.";
}

static void keep_changes(struct session_run *run)
{
	const struct collected *collected = &run->job->result.artifacts;
	struct session_outcome *outcome = &run->job->result.session;

	outcome->why = why_not(run->job);
	if (!outcome->why && run->job->result.run.present &&
	    found_parse(&run->found, collected->changes, collected->found.change_count) < 0)
		outcome->why = "What it left could not be read.";
	if (outcome->why || !run->found.count) {
		finish(run);
		return;
	}
	run->job->state = JOB_HELD;
	run->keep.fn = on_kept;
	run->before = tree_ref(run->user.session->tree);
	session_keep_begin(&run->keep, &run->user, run->found.changes, run->found.count);
}

static void on_end(struct job *job)
{
	struct session_run *run = job->held;

	run->keeping = true;
	if (job->error.code || job->cancelled)
		answer(run);
	else
		keep_changes(run);
}

/* Whose caller has gone while the end is being kept is destroyed after that. */
static void on_cancel(struct job *job)
{
	struct session_run *run = job->held;

	if (!run->keeping)
		answer(run);
}

static const struct job_holder holder = {.on_cancel = on_cancel, .on_end = on_end};

int session_submit(struct door *door, struct job *job, struct err *err)
{
	const struct job_session *session = &job->spec.session;
	struct session_run *run = calloc(1, sizeof(*run));
	char name[SESSION_ID_BYTES];
	struct slice id = session->id;

	if (!run)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (session->fresh) {
		sessions_new_name(name);
		id = slice_from(name);
	}
	run->job = job;
	run->user.fn = on_turn;
	int rc = sessions_enter(&run->user, door, job->key, id, session->fresh ? SESSION_FRESH : SESSION_MAKE, err);
	if (rc < 0) {
		free(run);
		return rc;
	}
	job->engine = door->engine;
	job->holder = &holder;
	job->held = run;
	job->state = JOB_HELD;
	return 0;
}
