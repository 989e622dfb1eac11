/* SPDX-License-Identifier: Apache-2.0 */
/* `sandglass exec`: its options, the request made of them, and what is done with the answer. */
#ifndef SG_CLI_EXEC_H
#define SG_CLI_EXEC_H

#include "cli/client.h"
#include "cli/source.h"

struct exec_options {
	struct client_options client;
	const char *runtime, *version, *entry, *stdin_file, *engine, *session;
	struct text_list env, args, flags;
	bool text, json, async;
#define X(field, option, letter, kind, doc) struct number field;
#include "cli/exec_limits.def"
#undef X
};

/*
 * The body of POST /v1/execute. args: what followed the source on the command line, after --arg's.
 * 0 or a negative code with *err.
 */
int exec_request(struct buf *out, const struct exec_options *options, const char *runtime,
		 const struct source *source, struct slice stdin_data, char *const *args,
		 size_t arg_count, struct err *err);

struct json_writer;
/* Its fields, without what it reads. args as above. */
int exec_put_program(struct json_writer *w, const struct exec_options *options, const char *runtime,
		     const struct source *source, char *const *args, size_t arg_count,
		     struct err *err);
/* Any bytes, as content of the API. */
void exec_put_content(struct json_writer *w, const char *key, struct slice data);
/* What the options say, or the source; NULL with *err. */
const char *exec_runtime(const struct exec_options *options, const struct source *source,
			 struct err *err);
/* The exit code for a request that was refused; says why. */
int exec_refused(const struct exec_options *options, const struct source *source,
		 const struct client_reply *reply);

/*
 * Writes the program's output to ours and says on stderr which limit ended it. The exit code: the
 * program's, 128 and its signal, or EXIT_CODE_TIMEOUT. json: prints the answer as it is instead.
 */
int exec_answer(struct slice body, bool json);
/* The id of a job that was accepted, or the answer as it is. */
int exec_accepted(struct slice body, bool json);

#endif
