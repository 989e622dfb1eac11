/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job: what a caller asked for, decoded and checked, and what came of it. Dialects fill the first
 * half, the engine the second. Memory: the arena of the HTTP request, except where owned is said.
 */
#ifndef SG_ENGINE_JOB_H
#define SG_ENGINE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/slice.h"
#include "engine/collected.h"
#include "engine/terminal.h"
#include "engine/resident_frame.h"
#include "ipc/messages.h"
#include "ipc/pack.h"
#include "ipc/payload.h"
#include "runtime/runtime.h"

enum run_status {
#define X(name, wire) RUN_STATUS_##name,
#include "engine/result.def"
#undef X
	RUN_STATUS_COUNT
};
const char *run_status_name(enum run_status status);

enum engine_kind { ENGINE_NATIVE, ENGINE_WASM, ENGINE_AUTO };
enum output_encoding { OUTPUT_TEXT, OUTPUT_BASE64 };

struct job_file {
	struct slice name;    /* checked: relative, no "..", see ipc/payload.h */
	struct slice data;
	bool of_session;      /* it is there already: only its name counts */
};

/* Where the program is while a scanner stands in its place, below PAYLOAD_WORK_DIR (policy/scan/scan.py). */
#define JOB_SCANNED_FILE ".sandglass-program"

struct job_scan {
	struct slice scanner; /* what is put in the place of the program; {NULL, 0}: nothing is */
	char word[ID_BYTES];  /* with which it says that it has found something: nobody else knows it */
	bool as_text;         /* the program is run as with python3 -c, not as a file */
	bool ours;            /* the program is the server's own, around the files that the caller sent */
};

/* What it has found: then nothing of the program has run. */
struct violations {
	struct buf said;      /* owned: what the list leads into */
	struct slice *list;   /* owned: descriptions of the rules, in their order */
	size_t count;
};

#define SESSION_ID_BYTES 65 /* of 64 characters, with a NUL */

/*
 * The session that a run is one of. Every run has a fresh jail; before it the session's files are part of its payload,
 * after it what it has changed is kept, and only then its answer goes out.
 */
struct job_session {
	struct slice id;             /* as the caller names it; {NULL, 0}: none, unless... */
	bool fresh;                  /* ...a new one is to be made */
	bool stateful, background;   /* a new one is of that kind */
	bool code_is_file;           /* the program is a file of the session like others; else the run's alone */
	/* of who has the session (door/sessions.h), before the engine gets the job; all stays until it has ended */
	bool joined;
	const struct pack_item *items; /* its files, in the order of pack_compare, without PACK_GONE */
	size_t item_count;
	const int *packs;            /* descriptors, as pack_item.pack counts them */
	unsigned pack_count;
};

/* What became of the session, for the answer. */
struct session_outcome {
	bool present;
	char id[SESSION_ID_BYTES];   /* as the caller knows it */
	bool created;                /* by this run */
	bool kept;                   /* what it left; false: the session is as it was before */
	const char *why;             /* it is not kept; NULL: it is */
	uint64_t skipped;            /* things that cannot be kept: sockets, FIFOs, what cannot be read */
	uint64_t expires_ms;         /* wall clock */
};

/* All set: dialects begin with the defaults of the configuration. */
struct job_limits {
	uint64_t wall_time_ms, cpu_time_ms, compile_time_ms;
	uint64_t memory_bytes, disk_bytes, output_bytes;
	uint64_t processes, open_files, cpu_milli;
	uint64_t artifacts, artifact_bytes; /* files that come back: how many, all of them together */
	uint64_t asked;                     /* bits 1 << enum limit (api/limit.h): those that the request names */
};

/* How a run goes that nobody waits for (door/jobs.h), and who is told of its end. */
struct job_after {
	bool accept;                 /* the caller has asked for it */
	uint64_t retry;              /* it may be begun so often again when this server has lost it */
	struct slice webhook_url, webhook_secret; /* {NULL, 0}: none */
	unsigned webhook_events;     /* bits 1 << enum execution_state */
};

struct job_spec {
	const struct runtime *runtime;
	const struct runtime_version *version;
	struct job_file *files;      /* files[entry] is the program; none: what the version's repl is */
	size_t file_count, entry;
	struct slice *args;
	size_t arg_count;
	struct slice *env;           /* "NAME=value", no NUL */
	size_t env_count;
	struct slice *flags;         /* of version->flags, checked */
	size_t flag_count;
	struct slice stdin_data;
	enum engine_kind engine;
	enum output_encoding output_encoding;
	struct window window;        /* of the terminal that the program has; rows 0: it has none */
	bool artifacts;              /* what is below COLLECT_DIR comes back */
	struct slice *output_files;  /* and these; names checked as those of files */
	size_t output_file_count;
	struct job_limits limits;
	/* of the compile alone; 0: compile_time_ms for the first, what the program gets for the second */
	uint64_t compile_cpu_time_ms, compile_memory_bytes;
	struct job_scan scan;
	enum payload_control control; /* engine/resident.c's */
	struct job_after after;
	struct job_session session;
	void *dialect_data;          /* what its dialect needs for the answer */
};

/* What one stage came to. */
struct stage_result {
	bool present;
	bool cached;                 /* compile stage: from the cache, times are those of the compile then */
	enum run_status status;
	bool started;
	bool has_exit_code;
	int exit_code;
	int signal;                  /* 0 = none */
	struct buf out, err;         /* owned: stdout and stderr */
	bool out_truncated, err_truncated;
	uint64_t out_dropped, err_dropped; /* behind what was to be kept of them, within the limit */
	uint64_t wall_ns, cpu_ns, memory_peak_bytes;
	char note[MSG_TEXT_BYTES];   /* why it could not be started ("Exec format error"), or "" */
};

/* The value that an interpreter has told; whatever it wants it to be. */
struct resident_answer {
	struct resident_frame frame;     /* leads into bytes */
	struct buf bytes;            /* owned */
};

/* Of an execute in a resident interpreter. */
struct resident_result {
	bool present;                /* it was one */
	bool fresh;                  /* the interpreter was started for it */
	bool kept;                   /* and is there for the next */
	const char *why_lost;        /* !kept: why; fresh: why the one before is gone; NULL: nothing was lost */
	struct resident_answer *answer;  /* owned; NULL: none came */
};

struct job_result {
	char id[ID_BYTES];
	enum run_status status;      /* of the whole job */
	struct stage_result compile, run;
	bool collected;              /* what was asked for was looked for */
	struct collected artifacts;  /* and what has changed of a session */
	struct session_outcome session;
	struct violations violations;
	struct resident_result resident;
};

/* "SIGSEGV" of 11; "SIG<n>" for those without a name. */
const char *signal_name(int signal);

#endif
