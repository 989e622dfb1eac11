/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest as it is written: runtimes/<id>/runtime.yaml. docs/runtimes.md explains every key. */
#ifndef SG_RUNTIME_MANIFEST_H
#define SG_RUNTIME_MANIFEST_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "runtime/runtime.h"

#define MANIFEST_FILE	   "runtime.yaml"
#define MANIFEST_FILES_DIR "/opt/sandglass" /* in an image: the files that manifests bring */
#define MANIFEST_NPM_DIR   "/opt"
#define MANIFEST_IMAGE	   "default"
#define MANIFEST_HOST	   "host" /* this machine itself, of which no image is built */

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

/* A package of the npm registry, taken as data: its files go to /opt/<place>, nothing of it is run
 * while an image is built. */
struct manifest_npm {
	char *place;
	char *package, *version;
	char *integrity; /* "sha512-<base64>", as the registry and lock files have it */
};

/*
 * What Debian does not have, but the machine that builds an image may: the first of the directories
 * `from` that has something by the name `holds` in it is copied to /opt/<place>. Without any the
 * image does not get the version.
 */
struct manifest_machine {
	char *place;
	char *holds;
	char **from;
	unsigned from_count;
};

/* Interpreters to keep parked: with which setting of `warm`, and what they do until a run comes. */
struct manifest_warm {
	enum runtime_warm setting;
	enum runtime_stage stage;
	enum runtime_zygote zygote;
	char **prepare; /* files of the manifest's folder, read as one text */
	unsigned prepare_count;
	char **imports; /* for programs that import one of these; none: for all */
	unsigned imports_count;
	char *slots_most; /* NULL: as many as the configuration allows */
};

/* What one installed version of a language consists of and how it is used. */
struct manifest_variant {
	char *provider; /* "Node.js 22"; NULL in a manifest without versions */
	char **images;	/* names of the images that hold it */
	unsigned images_count;
	char **packages;
	unsigned packages_count;
	struct manifest_npm *npm;
	unsigned npm_count;
	struct manifest_machine *machine; /* only in an entry of versions */
	char **files; /* of the manifest's folder, for MANIFEST_FILES_DIR/<id> */
	unsigned files_count;
	char **prepare; /* run once in the finished tree of an image */
	unsigned prepare_count;
	char *version;		      /* either a fixed version */
	struct manifest_probe *probe; /* or a probe */
	char **compile;
	unsigned compile_count;
	char **run;
	unsigned run_count;
	char **repl; /* what a terminal without a program gets */
	unsigned repl_count;
	char **env;
	unsigned env_count;
	char **flags; /* what a caller may add: "-O2", "-std={c99,c11}" */
	unsigned flags_count;
};

struct manifest {
	char *id, *name;
	char **aliases;
	unsigned aliases_count;
	char *file_name;
	char **source_suffixes;
	unsigned source_suffixes_count;
	struct manifest_variant common;	   /* what all versions share */
	struct manifest_variant *versions; /* none: common is the only one */
	unsigned versions_count;
	char *artefact;
	char *session; /* a file of the folder: the program that keeps an interpreter alive; NULL: none */
	struct manifest_hello hello;
	struct manifest_least least;
	unsigned engines; /* set of enum runtime_engine */
	struct manifest_warm *warm;
	unsigned warm_count;
	char **import_words; /* what names of modules come after in a program */
	unsigned import_words_count;
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

/*
 * How version i of manifest_versions() is used: what its entry does not give is taken from the top
 * level. Not so packages, npm, files and prepare, which add up: those of common are wanted with
 * every version, these here with this one. Points into the manifest.
 */
struct manifest_variant manifest_variant_at(const struct manifest *manifest, unsigned i);
unsigned manifest_versions(const struct manifest *manifest); /* at least one */
/* Whether the image is one of the variant's; those of no image go to MANIFEST_IMAGE. */
bool manifest_variant_in(const struct manifest_variant *variant, const char *image);

/* All manifests of a directory, sorted by id; names and aliases are unique among them. */
struct manifest_list {
	struct manifest **items;
	unsigned count;
};

/* 0, -ERR_MANIFEST (also when there is none), -ERR_IO, -ERR_NO_MEMORY. */
int manifest_list_load(struct manifest_list *ret_list, const char *dir, struct err *err);
void manifest_list_finish(struct manifest_list *list);

#endif
