/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bodies of messages.def: fixed-size, no pointers, enums as uint32_t, texts NUL-terminated and cut.
 * Both ends are of one build, so host byte order and padding are shared; every struct is memset before
 * use so that padding carries nothing out of a process.
 */
#ifndef SG_IPC_MESSAGES_H
#define SG_IPC_MESSAGES_H

#include <stdint.h>

#define MSG_FDS_MAX    16
#define MSG_NAME_BYTES 64
#define MSG_TEXT_BYTES 160

enum role { ROLE_NONE, ROLE_PARENT, ROLE_FRONT, ROLE_SPAWNER, ROLE_STORE, ROLE_SLOT, ROLE_COURIER, ROLE_FETCHER, ROLE_ANY, ROLE_COUNT };

enum msg_type {
	MSG_NONE,
#define X(to, verb, body, least, most, from) MSG_##to##_##verb,
#include "ipc/messages.def"
#undef X
	MSG_COUNT
};

struct msg_empty {
	uint32_t unused;
};

/* --- between parent and children --- */

struct msg_connect {
	uint32_t role; /* enum role of the peer behind the descriptor */
};

/* A client connection in the lifeboat (base/lifeboat notes in PROTOCOL.md). */
struct msg_hold {
	uint32_t place; /* index into the lifeboat page */
};

struct msg_lifeboat {
	uint32_t places; /* bytes in the page: one enum lifeboat_state each */
	uint32_t embedded; /* the only client is the one who has started the parent: there are no keys */
};

enum lifeboat_state {
	LIFEBOAT_IDLE,    /* no byte of a request was read: the next front takes it over */
	LIFEBOAT_WAITING, /* a request is under way and no byte of its answer was sent: 503 */
	LIFEBOAT_CLOSED,  /* TLS, or half an answer sent: only close */
};

struct msg_listen {
	uint32_t tls;       /* 1: speak TLS on it */
	uint32_t connected; /* 1: already a connection (embedded mode), no accept */
};

/* --- spawner: configuration --- */

/* User and group ids, from uid_base on: pid 1 of every jail has the same, each slot another. */
enum server_uid {
	UID_STORE, UID_FRONT, UID_PID1, UID_COURIER, UID_FETCHER,
	UID_SLOT_FIRST = 16, UID_SLOT_LAST = 4999
};

struct msg_spawner_config {
	uint32_t uid_base;       /* that of enum server_uid counts from */
	uint32_t slots_ready;    /* empty jails kept ahead, per image */
	uint32_t slots_max;      /* jails at once, running ones included */
	uint32_t slots_parked;   /* parked interpreters at most */
	uint32_t zygote_children_max, zygote_time_max_ms; /* then another takes its place */
	uint32_t walls_waived;   /* bits 1 << enum wall the operator allows to be missing */
	uint32_t nosymfollow;    /* 1: symbolic links in writable directories are not followed */
	uint64_t disk_bytes;     /* size of a slot's tmpfs when a run does not say */
	uint64_t memory_bytes, processes, open_files, cpu_milli; /* the defaults slots are made with */
	uint64_t memory_bytes_max, disk_bytes_max, processes_max, open_files_max;
	char cgroup_parent[MSG_TEXT_BYTES]; /* "" = find it; else a path below each cgroup mount */
};

enum image_kind { IMAGE_TREE, IMAGE_HOST };

struct msg_image {
	uint32_t image;            /* index, used in msg_run */
	uint32_t kind;             /* enum image_kind */
	char name[MSG_NAME_BYTES];
};

/* --- spawner: runs --- */

enum stage { STAGE_COMPILE, STAGE_RUN };

struct run_limits {
	uint64_t wall_ns;
	uint64_t cpu_ns;        /* summed over all threads and processes of the run */
	uint64_t memory_bytes;  /* everything in the jail, tmpfs included */
	uint64_t disk_bytes;    /* all writable directories together */
	uint64_t artefact_bytes;/* compile stage: the largest artefact */
	uint32_t processes;     /* processes and threads of the run */
	uint32_t open_files;    /* RLIMIT_NOFILE */
	uint32_t cpu_milli;     /* 1000 = one core */
};

/*
 * A pool of parked interpreters: slots of that image in which the program of the payload (argv and
 * environment, no files) has been started ahead and stopped when it was about to open `file`.
 */
struct msg_pool {
	uint32_t pool;             /* 1, 2, ... in turn */
	uint32_t image;
	uint32_t stage;            /* enum stage */
	uint32_t slots_most;       /* so many are kept at most; 0: no more of them */
	uint32_t zygote;           /* 1: one is started outside of slots, and forked into them */
	char file[MSG_NAME_BYTES]; /* below PAYLOAD_WORK_DIR */
};

struct msg_run {
	uint64_t job;
	uint32_t image;
	uint32_t pool;  /* 0, or a pool that would do: then without memory and processes below the defaults */
	uint32_t stage; /* enum stage; COMPILE needs the artefact's descriptor, RUN may have it (read) */
	uint32_t packs; /* so many descriptors of packs that the payload names (ipc/pack.h) are behind the artefact's */
	uint32_t collect; /* 1: the last descriptor is for what the run leaves, ipc/collect.h; not with COMPILE */
	struct run_limits limits;
};

enum kill_reason { KILL_GONE, KILL_OUTPUT_LIMIT, KILL_SHUTDOWN, KILL_SIGNAL };

struct msg_kill {
	uint64_t job;
	uint32_t reason; /* enum kill_reason */
	uint32_t signal; /* with KILL_SIGNAL: to all processes of the program, and the run goes on */
};

/* A run that is one thing after another: each has limits of its own (engine/resident.h). */
struct msg_meter {
	uint64_t job;
	uint64_t number;          /* comes back */
	uint64_t wall_ns, cpu_ns; /* so much more it may use, from now on */
	uint32_t collect;         /* 1: what is there now is collected, into the last descriptor that was for that */
	uint32_t unused;
};

struct msg_metered {
	uint64_t job, number;
	uint64_t cpu_ns, memory_peak_bytes; /* since its beginning */
	uint32_t collected;       /* 1: it was */
	uint32_t unused;
};

/* Why a run ended, seen by the spawner; the engine makes the public status of it (engine/result.h). */
enum run_end { RUN_EXITED, RUN_SIGNALED, RUN_WALL_LIMIT, RUN_CPU_LIMIT, RUN_MEMORY_LIMIT, RUN_KILLED };

struct msg_run_done {
	uint64_t job;
	uint32_t end;           /* enum run_end */
	uint32_t exit_code;     /* with RUN_EXITED */
	uint32_t signal;        /* with RUN_SIGNALED */
	uint32_t kill_reason;   /* with RUN_KILLED */
	uint32_t started;       /* 0: unpacking or execve failed, failed_step says which */
	uint32_t failed_step;   /* enum jail_step of sandbox/steps.def when the program could not be started, else 0 */
	uint32_t failed_errno;
	uint32_t disk_full;     /* 1: no space or inode was left at the end */
	uint32_t processes_hit; /* how often the process limit refused one */
	uint32_t artefact;      /* compile stage: 1 if an artefact was written */
	uint32_t warm;          /* 1: in a parked interpreter */
	uint32_t collected;     /* 1: what the run has left is in the descriptor that was for it */
	uint64_t wall_ns, cpu_ns, memory_peak_bytes;
	uint64_t ended_ns;      /* clock_now_ns() when it ended, or when it was decided to end it */
};

struct msg_run_failed {
	uint64_t job;
	uint32_t code;          /* enum err_code: ERR_JAIL_FAILED, ERR_UNAVAILABLE, ERR_WALL_MISSING, ERR_DRAINING */
	uint32_t step;          /* enum jail_step, 0 if none */
	uint32_t saved_errno;
	char text[MSG_TEXT_BYTES];
};

/* --- spawner: what the host enforces --- */

enum wall {
#define X(name, lower, text) WALL_##name,
#include "ipc/walls.def"
#undef X
	WALL_COUNT
};

enum wall_state { WALL_OFF, WALL_ON, WALL_PARTIAL };

struct msg_walls {
	uint32_t state[WALL_COUNT]; /* enum wall_state */
	char why[WALL_COUNT][MSG_TEXT_BYTES]; /* "cgroup v1: memory, pids, cpu", "kernel has no Landlock" */
};

enum pool_way { POOL_EXEC, POOL_PARKED, POOL_ZYGOTE };

/* EXEC: it was given up. */
struct msg_pool_way {
	uint32_t pool;
	uint32_t way;              /* enum pool_way */
	char why[MSG_TEXT_BYTES];  /* it is no better one */
};

struct msg_gauges {
	uint32_t slots_making, slots_ready, slots_parked, slots_running, slots_dying, runs_waiting;
	uint32_t zygotes;
	uint64_t slots_made, slots_failed, slots_forked, runs_done, bad_messages;
};

/* --- slot (pid 1 and launcher) and spawner --- */

struct msg_slot_ready {
	uint32_t unused;
};

struct msg_unfit {
	char why[MSG_TEXT_BYTES];
};

/* What a zygote's child needs to know of the slot that it goes to; the rest is the zygote's own. */
struct msg_slot_fork {
	uint64_t walls_off;   /* as in struct jail_plan */
	uint32_t slot, uid, fail_step, open_files_max;
	uint32_t cgroup_version, cgroup_hierarchies;
	uint64_t stage;       /* of the run that will come; as wide as it is so that there is no padding */
};

struct msg_slot_failed {
	uint32_t step;        /* enum jail_step */
	uint32_t saved_errno;
};

struct msg_slot_exited {
	int32_t wait_status;  /* of waitpid(2) */
	uint16_t artefact;    /* 1: written */
	uint16_t alone;       /* 1: nothing of the run lives any more but pid 1, which sends this */
	uint64_t ended_ns;    /* clock_now_ns() in pid 1 */
};

struct msg_slot_run {
	uint32_t stage;
	uint32_t packs;       /* the last descriptors */
	uint32_t open_files;  /* RLIMIT_*; 0: left as they are */
	uint32_t processes;   /* only without root, where it has to stand in for a cgroup */
	uint64_t file_bytes;
	uint64_t disk_bytes;
	uint64_t artefact_bytes;
};

/* --- store --- */

#define KEY_HASH_BYTES 32 /* SHA-256 */
#define KEY_ID_BYTES   32

/* Maxima of one key; 0 = the server's. */
struct key_limits {
	uint64_t rate_per_minute;   /* UINT64_MAX = unlimited */
	uint64_t concurrent_runs;
	uint64_t wall_time_ms, cpu_time_ms, memory_bytes, disk_bytes, processes, output_bytes, cpu_milli;
	uint64_t artifacts, artifact_bytes;
};

struct msg_key {
	uint8_t hash[KEY_HASH_BYTES];
	char id[KEY_ID_BYTES];      /* "key_..." */
	char name[MSG_NAME_BYTES];
	uint32_t revoked;
	struct key_limits limits;
};

struct msg_keys_done {
	uint32_t count;
};

struct msg_record {
	char id[KEY_ID_BYTES];      /* of the execution */
	char key_id[KEY_ID_BYTES];
	char language[MSG_NAME_BYTES], version[MSG_NAME_BYTES];
	uint8_t source_hash[32];    /* SHA-256 of the payload */
	uint32_t status;            /* enum run_status of engine/result.h */
	int32_t exit_code;
	uint64_t finished_ms;       /* wall clock */
	uint64_t wall_ns, cpu_ns, memory_peak_bytes, stdout_bytes, stderr_bytes;
};

/* --- courier --- */

/*
 * Behind the descriptor, a sealed memfd: the URL, headers, an empty line, each with a line feed; the body to post.
 */
#define PARCEL_BYTES_MAX (1u << 20)

struct msg_parcel {
	uint64_t number;           /* comes back in the answer */
};

enum delivery { DELIVERY_ANSWERED, DELIVERY_FAILED, DELIVERY_REFUSED };

struct msg_delivered {
	uint64_t number;
	uint32_t outcome;          /* enum delivery */
	uint32_t status;           /* ANSWERED: of HTTP */
	char text[MSG_TEXT_BYTES]; /* else why not */
};

/* --- fetcher --- */

/* Behind the descriptor, a sealed memfd: the URL and a value of Accept, each with a line feed. */
#define FETCH_TEXT_MAX  4096u
#define FETCH_BYTES_MAX (64u << 20)

struct msg_fetch {
	uint64_t number;           /* comes back in the answer */
};

/* In the place of a status of HTTP; api/packages/index.py has words for them. */
enum fetch_failure { FETCH_UNREACHED, FETCH_NOT_ALLOWED, FETCH_TOO_LARGE, FETCH_TOO_SLOW };

/* Its descriptor, a sealed memfd, has what came with 200. */
struct msg_fetched {
	uint64_t number;
	uint32_t status;           /* of HTTP, or enum fetch_failure */
};

/* --- audit --- */

/* Of what is no result: who cancelled or lost a run that had begun must not be missing. After enum run_status. */
enum record_end { RECORD_CANCELLED = 1000, RECORD_FAILED, RECORD_LOST };

#define AUDIT_RUNS_MAX 1000 /* of one answer */

struct msg_runs_ask {
	uint64_t number;           /* of the answer, which is a FRONT_DOCUMENTS */
	uint64_t since_ms, after;  /* finished then or later; behind this row */
	uint32_t most, unused;
	char key_id[KEY_ID_BYTES]; /* whose */
};

/* Behind the descriptor of the answer, count times. Rows are numbered as they were kept. */
struct audit_run {
	uint64_t row;
	struct msg_record record;
};

/* --- documents: see ipc/document.h --- */

enum document_op {
	DOCUMENT_PUT,
	DOCUMENT_GET,
	DOCUMENT_LIST,
	DOCUMENT_DELETE,
	DOCUMENT_CLAIM,  /* GET, and the mark becomes another one; ERR_CONFLICT if it is neither */
	DOCUMENT_RECALL, /* heads of every key's with a mark that is not 0, by id; parent is the key's id */
	DOCUMENT_OP_COUNT
};

enum document_marks { DOCUMENT_ANY, DOCUMENT_MARKED, DOCUMENT_UNMARKED };

struct msg_document_ask {
	uint64_t number;           /* comes back in the answer; 0: none is wanted */
	uint32_t op, kind;         /* enum document_op, enum document_kind */
	uint32_t most;             /* LIST: so many */
	uint32_t marked;           /* LIST: enum document_marks */
	uint32_t mark_from, mark_to; /* CLAIM */
	char key_id[KEY_ID_BYTES]; /* whose: no other's documents exist for this message; none with RECALL */
	char id[KEY_ID_BYTES];     /* GET, DELETE (with its children); LIST: older ones than this, "": the newest; RECALL: newer ones */
	char parent[KEY_ID_BYTES]; /* LIST: of this one, "": of none; GET: of this one, "": of any or none */
};

struct msg_documents {
	uint64_t number;
	uint32_t code;             /* enum err_code */
	uint32_t count;            /* of documents behind the descriptor, which is there unless it is 0 */
	char text[MSG_TEXT_BYTES]; /* what a person reads of an error */
};

/* --- packs: see ipc/pack.h --- */

/* NEW: a file to write. KEEP: it is complete from now on, under its hash. DROP: it will not be. OPEN: to read. */
enum pack_op { PACK_NEW, PACK_KEEP, PACK_DROP, PACK_OPEN, PACK_OP_COUNT };

struct msg_pack_ask {
	uint64_t number;           /* comes back in the answer; 0: none is wanted */
	uint32_t op;               /* enum pack_op */
	uint32_t unused;
	uint64_t file;             /* KEEP, DROP: the number of the NEW that it was asked for by */
	uint64_t bytes;            /* KEEP, OPEN: its size */
	uint8_t hash[KEY_HASH_BYTES];
};

struct msg_pack {
	uint64_t number;
	uint32_t code;             /* enum err_code; ERR_NOT_FOUND: there is none of that size */
	char text[MSG_TEXT_BYTES];
};

#endif
