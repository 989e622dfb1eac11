/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions that are in use. Between two runs a session is a row of the database and the packs that it names; while
 * somebody works with it, and a little longer, the front has its tree of files and their descriptors. What changes it
 * has it alone, one after the other in the order of asking; who only looks gets what it is at that moment.
 */
#ifndef SG_DOOR_SESSIONS_H
#define SG_DOOR_SESSIONS_H

#include "api/session.h"
#include "door/documents.h"
#include "door/packs.h"
#include "session/found.h"
#include "session/packer.h"

struct sessions;
struct session_resident;

struct session {
	struct list_node node;       /* on its bucket's list */
	struct list_node idle_node;  /* on sessions.idle while nobody uses it */
	struct door *door;
	struct key *key;
	char id[ID_BYTES];           /* of its document */
	char name[SESSION_ID_BYTES];
	bool loaded, created;        /* created: by the user that has it now; not in the database yet */
	bool stale;                  /* not as the database has it: nobody gets it before it is read anew */
	bool gone;                   /* it has ended: who still uses it does so to no effect */
	bool kept_by_name;           /* not made by the way */
	struct session_facts facts;  /* env_names leads into body */
	struct session_list list;    /* env leads into body */
	struct buf body;             /* owned: the document's body, then the names of env */
	struct session_tree *tree;
	int fds[PACKS_MAX];          /* of list.packs */
	struct list waiting;         /* of session_user.node, the first one is next */
	struct session_user *user;   /* who has it alone; NULL: nobody */
	bool keeping;                /* its document has been given to the store, whose answer has not come yet */
	unsigned lookers;            /* others that use it */
	struct loading *loading;     /* NULL: it is not being read */
	struct session_resident *resident; /* owned; NULL: there is no interpreter (session_resident.h) */
	struct timer timer;          /* while it is used: its time goes on */
	struct timer turn;           /* somebody waits whose turn it is, or it is to be read */
};

enum session_use {
	SESSION_LOOK,   /* as it is, without waiting for those that change it */
	SESSION_CHANGE, /* alone */
	SESSION_MAKE,   /* alone; and if there is none of that name, which is its caller's, a new one */
	SESSION_FRESH,  /* alone; a new one */
};

/* Somebody who uses a session; part of the caller's memory. */
struct session_user {
	struct list_node node;
	struct session *session;     /* NULL: not any more, or not yet */
	enum session_use use;
	void (*fn)(struct session_user *user); /* once, never from inside sessions_enter: its turn, or code */
	int code;                    /* 0, or a negative code with err: there is no session, and nothing to leave */
	struct err err;
};

struct sessions *sessions_create(struct door *door);
uint64_t sessions_count(const struct sessions *sessions);

/* 0: fn will be called. Else a negative code with *err. */
int sessions_enter(struct session_user *user, struct door *door, struct key *key, struct slice name,
		   enum session_use use, struct err *err);
/* Somebody has stopped to need it: it may go. Not from inside of a call of its users. */
void session_settle(struct session *session);
/* Done with it, or not interested any more. Harmless without a session. */
void sessions_leave(struct session_user *user);

/* What its files may take. */
uint64_t session_disk_bytes(const struct session *session);
/* The error of who wants more than that. */
int session_say_full(uint64_t disk_bytes, struct err *err);
/* A name for a new session, of the form that this server gives. */
void sessions_new_name(char out[static SESSION_ID_BYTES]);

/* The session is used now: it ends so much later. Writes it if that is worth it; force: in any case. */
void session_touch(struct session *session, bool force);
/* That it is used is in what is written of it next. False: what is written already says enough; force: in any case. */
bool session_prolong(struct session *session, bool force);
/* Its document, as it is now, with another list of packs. 0 or a negative code. */
int session_write(const struct session *session, const struct session_list *list, const struct session_tree *tree,
		  struct buf *out);
/* With what its facts say of its files. */
int session_write_as(const struct session *session, const struct session_list *list, struct buf *out);
/* It has ended by its owner's word: the document is to be deleted by the caller. */
void session_end(struct session *session);
/* Its files cannot be had any more: a sign stays in its place, which says why. */
void session_lost(struct session *session, const char *why);
/* What it has in the place of its body, from now on. 0 or -ERR_NO_MEMORY. */
int session_set_env(struct session *session, const struct slice *env, size_t count, struct slice names);

/* --- session_keep.c: making what has changed part of the session --- */

struct session_keep {
	struct session_user *user;   /* who has it alone */
	void (*fn)(struct session_keep *keep); /* once, never from inside session_keep_begin */
	int code;                    /* 0: it is kept, or nothing had changed; else err says why it is as it was */
	struct err err;
	bool changed;
	/* its own */
	const struct session_change *changes;
	size_t count;
	struct packer packer;
	uint64_t file, tries_until_ns;
	bool has_packer;
	struct pack_wait new_wait, keep_wait;
	struct document_wait put_wait;
	int new_fd, pack_fd;
	bool given;                  /* the new pack was begun by another, and cannot be begun once more */
	unsigned answers;            /* that are waited for */
	struct timer timer;
};

/* Changes (sorted) and what they lead to stay until fn is called or session_keep_stop. */
void session_keep_begin(struct session_keep *keep, struct session_user *user, const struct session_change *changes,
			size_t count);
/*
 * Right behind that: the new pack has been begun already, and holds what changes without data say (session/packer.h). All
 * three are taken over.
 */
void session_keep_give(struct session_keep *keep, struct packer *packer, uint64_t file, int new_fd);
/* Of one that was never begun (zeroed) harmless. What has been sent to the database by now is kept all the same. */
void session_keep_stop(struct session_keep *keep);

/* --- session_run.c --- */

/* Hands a job to its session, and through that to the engine. 0 or a negative code with *err: still the caller's. */
int session_submit(struct door *door, struct job *job, struct err *err);

#endif
