/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runtimes: what languages there are, read from runtimes/<id>/runtime.yaml (see docs/runtimes.md
 * for the schema) and the list of what an image holds. Loaded once at start, then read-only.
 */
#ifndef SG_RUNTIME_RUNTIME_H
#define SG_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* One command line with placeholders: {entry} the entry file's name, {out} the artefact's name,
 * {sources} every source file of the job, {args} the caller's arguments, {flags} his flags (one
 * argv element each); {memory_mib}, {memory_hex}, {heap_mib}, {young_mib}, {cpus} the limits of the
 * run. */
struct command {
	char **argv;
	unsigned argc;
};

/* One installed version of a language in one image. */
struct runtime_version {
	char *version;		/* "3.13.5", as probed when the image was built */
	char *provider;		/* "Node.js 22"; NULL where there is nothing to tell apart */
	char *image;		/* image name */
	unsigned image_index;	/* place in runtime_table.images */
	struct command compile; /* argc 0: not compiled */
	struct command run;
	struct command repl; /* argc 0: it is not one to talk with */
	char **env; /* "NAME=value", added to the documented minimum; placeholders as in command */
	unsigned env_count;
	char **flags; /* what a caller may add: "-O2", "-std={c99,c11}" */
	unsigned flag_count;
	char **packages; /* "python3-numpy 1:2.2.4+ds-1" */
	unsigned package_count;
};

/* The setting of `warm` with which interpreters are parked ahead. */
enum runtime_warm { RUNTIME_WARM_LEAN = 1, RUNTIME_WARM_FULL };

/* Whether they run programs, or compile them. */
enum runtime_stage { RUNTIME_STAGE_RUN, RUNTIME_STAGE_COMPILE };

/* Whether one of them is started outside of jails, and forked into them: by fork(2), or with its threads (docs/zfork.md). */
enum runtime_zygote { RUNTIME_ZYGOTE_NONE, RUNTIME_ZYGOTE_FORK, RUNTIME_ZYGOTE_ZFORK };

/* One kind of them. */
struct runtime_profile {
	enum runtime_warm setting;
	enum runtime_stage stage;
	enum runtime_zygote zygote;
	char *prepare;	/* program text of ours that they run until a run comes; NULL: none */
	char **imports; /* for programs that import one of these; none: for all */
	unsigned import_count;
	unsigned slots_most; /* 0: as many as the configuration allows */
};

enum runtime_engine { RUNTIME_NATIVE = 1, RUNTIME_WASM = 2 };

struct runtime {
	char *id;   /* "python" */
	char *name; /* "Python" */
	char **aliases;
	unsigned alias_count;
	char *file_name;	/* what `code` is stored as: "main.py" */
	char **source_suffixes; /* for {sources}: ".c" */
	unsigned source_suffix_count;
	char *artefact;	  /* name of the compiled program, NULL if not compiled */
	char *session;		/* program text of ours that keeps an interpreter alive, engine/resident_frame.h; NULL: none */
	char *hello_code; /* a program that prints hello_output */
	char *hello_output;
	uint64_t processes_least; /* a run needs at least so many processes and threads, or its
				     limit is refused */
	uint64_t memory_bytes_least;
	unsigned engines;		  /* set of enum runtime_engine */
	struct runtime_profile *profiles; /* of those that fit a program the last is the best */
	unsigned profile_count;
	char **import_words; /* after them a program names a module that it imports: "use" */
	unsigned import_word_count;
	struct runtime_version *versions; /* the highest first */
	unsigned version_count;		  /* 0: known, but no image has it */
};

/* A root tree that runs see: an image that was built, or this host's own /usr. */
struct runtime_image {
	char *name; /* "default", "host" */
	char *path; /* the tree's directory; "/" for the host */
	bool host;
};

struct runtime_table {
	struct runtime *runtimes; /* sorted by id */
	unsigned count;
	struct runtime_image *images; /* sorted by name */
	unsigned image_count;
	struct arena *arena; /* owns all of it */
};

/*
 * Reads every manifest below manifest_dir and, for each image of image_dir, the versions it holds.
 * Only where there is no image and with_host is set, the host's own interpreters are asked (this
 * starts processes and waits for them: at most five seconds each, as a rule 50 ms in all). A
 * damaged manifest is an error that names file and field. 0, -ERR_MANIFEST, -ERR_IMAGE, -ERR_IO,
 * -ERR_NO_MEMORY.
 */
int runtime_table_load(struct runtime_table *ret_table, const char *manifest_dir,
		       const char *image_dir, bool with_host, struct err *err);
void runtime_table_finish(struct runtime_table *table);

/* By id or alias, any case. NULL if there is none. */
const struct runtime *runtime_find(const struct runtime_table *table, const char *name, size_t len);

/*
 * The highest version that a selector matches: "*" or "" any; "3", "3.13" a prefix by components;
 * ">=3.11" (also >, <=, <, =, and several joined by spaces or commas); an exact version.
 * NULL: no match. *ret_valid tells a malformed selector from one that matches nothing.
 */
const struct runtime_version *runtime_select(const struct runtime *runtime, const char *selector,
					     size_t len, bool *ret_valid);
/* Whether a caller may give this flag. */
bool runtime_allows_flag(const struct runtime_version *version, const char *flag, size_t len);
/* Versions as numbers by components, then text: <0, 0, >0. */
int version_compare(const char *a, const char *b);

#endif
