/* SPDX-License-Identifier: Apache-2.0 */
#include "door/session_resident.h"

#include <string.h>

#include "engine/resident.h"
#include "event/loop.h"

#define LOOK_NS NS_PER_SEC

struct session_resident {
	struct session *session;
	struct resident *resident;
	struct job_spec spec;        /* what it is run as; its memory is here and in the runtime's manifest */
	struct job_file file;
	struct slice *env;           /* owned, with its texts */
	struct session_tree *tree;   /* what it has of the session's files */
	struct timer timer;          /* while nobody uses the session */
};

bool session_has_resident(const struct session *session)
{
	return session->facts.stateful || session->facts.background;
}

void session_resident_free(struct session *session)
{
	struct session_resident *own = steal_pointer(session->resident);

	if (!own)
		return;
	loop_timer_cancel(session->door->loop, &own->timer);
	resident_destroy(own->resident);
	tree_unref(own->tree);
	free(own->env);
	free(own);
}

/* --- its time --- */

static void on_look(struct timer *timer)
{
	struct session_resident *own = container_of(timer, struct session_resident, timer);
	struct session *session = own->session;
	bool used = session->user || session->lookers || session->waiting.len;

	if (used || (resident_is_there(own->resident) && clock_wall_ms() < session->facts.expires_ms)) {
		loop_timer_set(session->door->loop, timer, clock_now_ns() + LOOK_NS, on_look);
		return;
	}
	resident_restart(own->resident);
	session_settle(session);
}

bool session_resident_holds(struct session *session)
{
	struct session_resident *own = session->resident;

	if (!own || !resident_is_there(own->resident))
		return false;
	loop_timer_set(session->door->loop, &own->timer, clock_now_ns() + LOOK_NS, on_look);
	return true;
}

/* --- making one --- */

/* One piece of memory: the slices, then their texts. */
static struct slice *copy_env(const struct session_list *list)
{
	size_t bytes = (list->env_count + 1) * sizeof(struct slice);

	for (unsigned i = 0; i < list->env_count; i++)
		bytes += list->env[i].len;
	struct slice *copy = malloc(bytes);
	char *at = copy ? (char *)(copy + list->env_count) : NULL;
	for (unsigned i = 0; copy && i < list->env_count; i++) {
		copy[i] = (struct slice){memcpy(at, list->env[i].data, list->env[i].len), list->env[i].len};
		at += list->env[i].len;
	}
	return copy;
}

static void fill_spec(struct session_resident *own, const struct job_spec *first)
{
	const struct session *session = own->session;
	bool background = session->facts.background;

	own->file.name = slice_from(first->runtime->file_name);
	own->file.data = slice_from(background ? "" : first->runtime->session);
	own->spec = (struct job_spec){
	    .runtime = first->runtime,
	    .version = first->version,
	    .files = &own->file,
	    .file_count = 1,
	    .env = own->env,
	    .env_count = session->list.env_count,
	    .limits = first->limits,
	    .control = background ? PAYLOAD_CONTROL_LAUNCHER : PAYLOAD_CONTROL_PROGRAM,
	};
}

static struct session_resident *create(struct session *session, const struct job_spec *first)
{
	struct session_resident *own = calloc(1, sizeof(*own));

	if (!own)
		return NULL;
	own->session = session;
	own->env = copy_env(&session->list);
	fill_spec(own, first);
	own->resident = own->env ? resident_create(session->door->engine, session->key, &own->spec) : NULL;
	if (own->resident)
		return own;
	free(own->env);
	free(own);
	return NULL;
}

/*
 * A new one, unless there is one that lives. That there was one before is in the session's document, for a front that
 * knows nothing of it.
 */
static int make(struct session *session, const struct job_spec *first)
{
	const char *why = session->resident ? resident_untold(session->resident->resident)
					    : session->facts.has_state ? RESIDENT_RESTARTED : NULL;

	session_resident_free(session);
	session->resident = create(session, first);
	if (!session->resident)
		return -ERR_NO_MEMORY;
	resident_tell_lost(session->resident->resident, why);
	session->resident->tree = tree_ref(session->tree);
	if (!session->facts.has_state) {
		session->facts.has_state = true;
		session_touch(session, true);
	}
	return 0;
}

/* --- an execute --- */

static int check_language(const struct session *session, const struct job_spec *spec, struct err *err)
{
	const struct session_resident *own = session->resident;

	if (own && resident_is_there(own->resident) && (own->spec.runtime != spec->runtime || own->spec.version != spec->version))
		return err_field(err, ERR_CONFLICT, "language", "The interpreter of this session is %s %s; restart it for another one.",
				 own->spec.runtime->name, own->spec.version->version);
	if (session->facts.stateful && !spec->runtime->session)
		return err_field(err, ERR_INVALID_FIELD, "language", "%s has no interpreter that can stay between executes.",
				 spec->runtime->name);
	if (spec->version->compile.argc)
		return err_field(err, ERR_INVALID_FIELD, "language", "Compiled programs cannot run in a session of this kind.");
	return 0;
}

/* All that goes with the start of a program; that was before. */
static int check_spec(const struct job_spec *spec, struct err *err)
{
	const struct {
		bool is_there;
		const char *field;
	} rows[] = {
	    {spec->session.code_is_file || spec->file_count != 1, "files"}, {spec->arg_count, "args"},
	    {spec->flag_count, "flags"}, {spec->env_count, "env"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].is_there)
			return err_field(err, ERR_INVALID_FIELD, rows[i].field,
					 "An execute of this session has no '%s': its program runs already.", rows[i].field);
	if (spec->scan.scanner.data)
		return err_set(err, ERR_NOT_IMPLEMENTED,
			       "This server looks at programs before they run; in sessions of this kind it cannot.");
	return 0;
}

int session_resident_join(struct session *session, struct job *job, struct session_tree **ret_tree, struct err *err)
{
	struct session_resident *own = session->resident;
	int rc = check_language(session, &job->spec, err);

	if (rc == 0)
		rc = check_spec(&job->spec, err);
	if (rc < 0)
		return rc;
	if (job->feed)
		return err_set(err, ERR_CONFLICT, "A session of this kind takes stdin with the request, not as it comes.");
	job->continues = own && resident_is_there(own->resident);
	if (!job->continues && make(session, &job->spec) < 0)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	job->resident = session->resident->resident;
	*ret_tree = tree_ref(session->resident->tree);
	return 0;
}

bool session_resident_interrupt(struct session *session)
{
	return session->resident && resident_interrupt(session->resident->resident);
}

bool session_resident_restart(struct session *session)
{
	struct session_resident *own = session->resident;
	bool there = session->facts.has_state;

	if (there) {
		session->facts.has_state = false;
		session_touch(session, true);
	}
	if (!own)
		return there;
	resident_tell_lost(own->resident, NULL);
	resident_end(own->resident, "restarted");
	return there;
}

void session_resident_kept(struct session *session, const struct session_tree *before, const struct session_change *changes,
			   size_t count)
{
	struct session_resident *own = session->resident;
	struct session_tree *tree = NULL;

	if (!own)
		return;
	if (own->tree == before)
		tree = tree_ref(session->tree);
	else if (tree_change(&tree, own->tree, changes, count, 0) < 0)
		return; /* the same changes are found, and kept, once more */
	tree_unref(own->tree);
	own->tree = tree;
}
