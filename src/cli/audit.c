/* SPDX-License-Identifier: Apache-2.0 */
/* Who ran what and what came of it, of the server on this machine, from its database as keys does.
 */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "store/store.h"

struct audit_options {
	struct settings settings;
	struct number since;
	const char *key;
	bool json;
};

static const char *outcome_of(uint32_t status)
{
	static const char *const statuses[] = {
#define X(name, wire) wire,
#include "engine/result.def"
#undef X
	};
	static const char *const ends[] = {"cancelled", "failed", "lost"};

	if (status < ARRAY_LEN(statuses))
		return statuses[status];
	return status >= RECORD_CANCELLED && status <= RECORD_LOST ? ends[status - RECORD_CANCELLED]
								   : "unknown";
}

static void put_json(const struct audit_run *run, const char *hash)
{
	const struct msg_record *record = &run->record;
	struct output output;

	output_begin(&output);
	json_object_open(&output.json, NULL);
	json_put_u64(&output.json, "row", run->row);
	json_put_text(&output.json, "id", record->id);
	json_put_text(&output.json, "key_id", record->key_id);
	json_put_text(&output.json, "language", record->language);
	json_put_text(&output.json, "version", record->version);
	json_put_text(&output.json, "sha256", hash);
	json_put_text(&output.json, "outcome", outcome_of(record->status));
	if (record->exit_code >= 0)
		json_put_i64(&output.json, "exit_code", record->exit_code);
	json_put_time(&output.json, "finished_at", record->finished_ms);
	json_put_ms(&output.json, "wall_time_ms", record->wall_ns);
	json_put_ms(&output.json, "cpu_time_ms", record->cpu_ns);
	json_put_u64(&output.json, "memory_peak_bytes", record->memory_peak_bytes);
	json_put_u64(&output.json, "stdout_bytes", record->stdout_bytes);
	json_put_u64(&output.json, "stderr_bytes", record->stderr_bytes);
	json_object_close(&output.json);
	output_end(&output);
}

/* A line each at once: there may be a million. */
static bool put_run(const struct audit_run *run, void *ctx)
{
	const struct audit_options *options = ctx;
	char hash[HEX_BYTES(sizeof(run->record.source_hash))], time[OUTPUT_TIME_BYTES];

	hex_write(hash, run->record.source_hash, sizeof(run->record.source_hash));
	if (options->json)
		put_json(run, hash);
	else
		printf("%s  %s  %-12s %.16s  %-14s %s\n",
		       output_time(time, run->record.finished_ms), run->record.key_id,
		       run->record.language, hash, outcome_of(run->record.status), run->record.id);
	return !ferror(stdout);
}

static int run_audit(void *opts, int argc _unused_, char **argv _unused_)
{
	struct audit_options *options = opts;
	struct msg_runs_ask ask = {.most = UINT32_MAX};
	struct store *store = NULL;
	struct err err = {0};

	if (options->since.given)
		ask.since_ms = clock_wall_ms() - MIN_OF(options->since.value, clock_wall_ms());
	if (options->key)
		snprintf(ask.key_id, sizeof(ask.key_id), "%s", options->key);
	int rc = keys_open_store(&options->settings, &store, &err);
	if (rc == 0)
		rc = store_runs(store, &ask, put_run, options, &err);
	store_close(store);
	return rc < 0 ? cli_fail_err(&err) : 0;
}

/* clang-format off */
static const struct cli_option audit_options[] = {
	{"since", '\0', OPTION_TIME, NULL, offsetof(struct audit_options, since), COMPLETE_NONE,
	 "only runs that finished within so long before now, as 24h"},
	{"key", '\0', OPTION_TEXT, "ID", offsetof(struct audit_options, key), COMPLETE_NONE,
	 "only runs of the API key with this id"},
	{"json", '\0', OPTION_FLAG, NULL, offsetof(struct audit_options, json), COMPLETE_NONE,
	 "print a JSON object for each run, one a line"},
	SETTINGS_ROWS(struct audit_options),
};
/* clang-format on */

const struct verb verb_audit = {
    .name = "audit",
    .operands = "",
    .summary = "List who ran what, and what came of it",
    .details = "Reads the database of the server on this machine, which keeps a row for each of "
	       "the last million "
	       "runs: the key, the language, a hash of the program with its files, and the "
	       "outcome. Programs and "
	       "their output are not in it.",
    .options = audit_options,
    .option_count = ARRAY_LEN(audit_options),
    .options_bytes = sizeof(struct audit_options),
    .run = run_audit,
};
