/* SPDX-License-Identifier: Apache-2.0 */
/* Nadoo's format in parts: nadoo.c decodes and encodes, nadoo_check.c says what is wrong with a
 * body. */
#ifndef SG_API_NADOO_H
#define SG_API_NADOO_H

#include "api/api.h"
#include "json/json.h"

#define NADOO_BATCH_MAX 10
#define NADOO_ID_BYTES	37

/* What its answers need of a request: job_spec.dialect_data. */
struct nadoo_data {
	struct slice language, session_id; /* session_id.data NULL: none was sent */
	bool timeout_is_error;		   /* of the server: nadoo_timeouts */
	bool later;			   /* asked for with async: its refusals are shorter */
};

/* The runtime that is meant by it; NULL: it is none of theirs, or this server does not have it. */
const struct runtime *nadoo_runtime(const struct api_context *api, struct slice language);
/* The names of those that this server has, as an array. */
void nadoo_put_languages(struct json_writer *w, const char *key, const struct api_context *api);
unsigned nadoo_count_languages(const struct api_context *api);

/* A job's id as a UUID, which is what they have: the first twelve digits are the time in ms. */
void nadoo_id(char out[static NADOO_ID_BYTES], const char *id);
bool nadoo_timed_out(const struct job_result *result);
void nadoo_put_result(struct json_writer *w, const struct job_spec *spec,
		      const struct job_result *result);
/* The same of a request that could not be run; data NULL: nothing of it is known. */
void nadoo_put_failure(struct json_writer *w, const char *id, const struct nadoo_data *data,
		       const struct err *err);
/* 2025-01-15T10:30:00.123456Z; 0: null. */
void nadoo_put_time(struct json_writer *w, const char *key, uint64_t wall_ms);

/*
 * What is wrong with a request, or an array of them, by the rules and in the words of FastAPI and
 * pydantic 2. Counts; with a writer, writes each as an element of an array as well.
 */
unsigned nadoo_check(struct yyjson_val *body, bool batch, struct json_writer *w);

/*
 * Where Python's json.loads gives up, in characters, and what it says. False: it does not, or the
 * text is nested too deep to tell.
 */
bool python_json_error(struct slice text, size_t *ret_at, const char **ret_words);

#endif
