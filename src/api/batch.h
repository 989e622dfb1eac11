/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/batch: one program, many tests. What a request says, and what is said of each test. */
#ifndef SG_API_BATCH_H
#define SG_API_BATCH_H

#include "api/api.h"
#include "json/json.h"
#include "judge/compare.h"
#include "judge/judge.h"

struct batch_test {
	struct slice name;
	struct job_spec spec; /* complete */
	bool has_expected;    /* false: what it writes does not matter */
	struct slice expected;
	int expected_exit_code;
	uint64_t points;
};

/*
 * A checker or an interactor: complete but for what is in its last files, BATCH_FILES of them,
 * which are those of a test. Its first arguments are their names.
 */
enum batch_file { BATCH_INPUT, BATCH_OUTPUT, BATCH_EXPECTED, BATCH_FILES };

struct batch_helper {
	bool present;
	bool has_wall; /* its limits name wall_time_ms */
	struct job_spec spec;
};

struct batch_request {
	struct job_spec source; /* what is compiled */
	struct batch_test *tests;
	size_t count;
	struct compare_rule rule;
	struct batch_helper checker, interactor;
	bool stop_on_failure;
	uint64_t show_bytes; /* of stdout and stderr of each test, in the answer */
};

/* What came of a test. */
struct batch_result {
	bool done, told;         /* it stands; it is sent ahead of the others */
	char id[ID_BYTES]; /* of its run; "": there was none */
	enum verdict verdict;
	uint32_t share;		 /* of its points, of JUDGE_SHARE_WHOLE */
	struct stage_result run; /* its output, owned, as far as it is shown */
	struct difference difference;
	struct opinion opinion; /* of a checker or an interactor */
	bool has_opinion;
	struct err error; /* code != 0: why there is no result */
};

/* All of it together. */
struct batch_summary {
	char id[ID_BYTES];
	const struct job_result *compile; /* NULL: nothing to compile */
	uint64_t wall_ns;
};

/* All memory is the arena's. 0 or a negative code with *err. */
int batch_decode(const struct api_context *api, struct yyjson_val *body, struct arena *arena,
		 struct batch_request *ret_request, struct err *err);

/* The fields of one result, and those of the whole without its tests. */
void batch_put_result(struct json_writer *w, const struct batch_request *request, size_t index,
		      const struct batch_result *result);
void batch_put_head(struct json_writer *w, const struct batch_request *request,
		    const struct batch_summary *summary);
void batch_put_totals(struct json_writer *w, const struct batch_request *request,
		      const struct batch_result *results, const struct batch_summary *summary);

#endif
