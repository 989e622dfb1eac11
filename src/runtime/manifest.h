/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest as it is written: runtimes/<id>/runtime.yaml. docs/runtimes.md explains every key. */
#ifndef SG_RUNTIME_MANIFEST_H
#define SG_RUNTIME_MANIFEST_H

#include "base/err.h"
#include "base/slice.h"

#define MANIFEST_FILE "runtime.yaml"

/* How an installed version is found out: run argv, take the word behind `after`. */
struct manifest_probe {
	char **argv;
	unsigned argv_count;
	char *after; /* NULL: the output begins with the version */
};

struct manifest_hello {
	char *code, *output;
};

struct manifest_least {
	char *processes, *memory_bytes;
};

struct manifest {
	char *id, *name;
	char **aliases;
	unsigned aliases_count;
	char *file_name;
	char **source_suffixes;
	unsigned source_suffixes_count;
	char **packages;
	unsigned packages_count;
	char **prepare; /* run once in the finished tree of an image */
	unsigned prepare_count;
	char *version;		      /* either a fixed version */
	struct manifest_probe *probe; /* or a probe */
	char **compile;
	unsigned compile_count;
	char **run;
	unsigned run_count;
	char *artefact;
	char **env;
	unsigned env_count;
	struct manifest_hello hello;
	struct manifest_least least;
	unsigned engines; /* set of enum runtime_engine */
};

/*
 * Parses and checks; file is what errors call it. 0, -ERR_MANIFEST (the sentence names file and
 * key) or -ERR_NO_MEMORY.
 */
int manifest_parse(struct manifest **ret_manifest, struct slice text, const char *file,
		   struct err *err);
/* The same from dir/id/runtime.yaml, whose id must be the directory's name; -ERR_NOT_FOUND without
 * it. */
int manifest_load(struct manifest **ret_manifest, const char *dir, const char *id, struct err *err);
void manifest_free(struct manifest *manifest);

/* All manifests of a directory, sorted by id; names and aliases are unique among them. */
struct manifest_list {
	struct manifest **items;
	unsigned count;
};

/* 0, -ERR_MANIFEST (also when there is none), -ERR_IO, -ERR_NO_MEMORY. */
int manifest_list_load(struct manifest_list *ret_list, const char *dir, struct err *err);
void manifest_list_finish(struct manifest_list *list);

#endif
