/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the server on this machine, changed in its database directly: whoever may do that owns
 * the machine anyway, and the server needs no way to make keys by request. A running server sees
 * the change within a quarter of a second.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/keys.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "store/store.h"

#define KEYS_LISTED_MAX 1000000

/* --- the database, as its owner --- */

int keys_open_store(const struct settings *settings, struct store **ret_store, struct err *err)
{
	struct config config;
	int rc = settings_load(settings, &config, err);

	if (rc < 0)
		return rc;
	rc = store_dir_enter(config.state_dir, err);
	config_finish(&config);
	return rc < 0 ? rc : store_open(ret_store, ".", err);
}

static void put_limits(struct json_writer *json, const struct key_limits *limits)
{
	json_object_open(json, "limits");
#define X(member, option, kind, doc)                                                               \
	if (limits->member == UINT64_MAX)                                                          \
		json_put_text(json, #member, "unlimited");                                         \
	else if (limits->member)                                                                   \
		json_put_u64(json, #member, limits->member);
#include "store/key_limits.def"
#undef X
	json_object_close(json);
}

/* text: only for a key just made. */
static void put_key(struct json_writer *json, const struct store_key *key, const char *text)
{
	json_object_open(json, NULL);
	json_put_text(json, "id", key->key.id);
	json_put_text(json, "name", key->key.name);
	if (text)
		json_put_text(json, "key", text);
	json_put_u64(json, "created_ms", key->created_ms);
	if (key->revoked_ms)
		json_put_u64(json, "revoked_ms", key->revoked_ms);
	else
		json_put_null(json, "revoked_ms");
	put_limits(json, &key->key.limits);
	json_object_close(json);
}

/* --- create --- */

struct create_options {
	struct settings settings;
	const char *name;
	bool json;
#define X(member, option, kind, doc) struct number member;
#include "store/key_limits.def"
#undef X
};

/* A limit of 0 would mean "none of its own", which nobody means who writes one. */
static int read_limits(const struct create_options *options, struct key_limits *limits,
		       struct err *err)
{
	*limits = (struct key_limits){0};
#define X(member, option, kind, doc)                                                               \
	if (options->member.given && options->member.value == 0)                                   \
		return err_set(err, ERR_BAD_REQUEST, "--" option " is 1 or more.");                \
	limits->member = options->member.value;
#include "store/key_limits.def"
#undef X
	return 0;
}

static int make_key(const struct create_options *options, char text[static KEY_TEXT_BYTES],
		    struct store_key *key, struct err *err)
{
	struct key_limits limits;
	struct store *store = NULL;
	int rc = read_limits(options, &limits, err);

	if (rc == 0)
		rc = keys_open_store(&options->settings, &store, err);
	if (rc < 0)
		return rc;
	rc = store_key_create(store, options->name ? options->name : "", &limits, text, key, err);
	store_close(store);
	return rc;
}

int keys_create(const struct settings *settings, const char *name, char text[static KEY_TEXT_BYTES],
		struct store_key *key, struct err *err)
{
	const struct create_options options = {.settings = *settings, .name = name};

	return make_key(&options, text, key, err);
}

/* The process is in the database's directory since it has made the key. */
int keys_revoke_own(const struct store_key *key, struct err *err)
{
	struct store *store = NULL;
	int rc = store_open(&store, ".", err);

	if (rc == 0)
		rc = store_key_revoke(store, key->key.id, err);
	store_close(store);
	return rc;
}

/* The key alone goes to stdout: KEY=$(sandglass keys create). */
static int run_create(void *opts, int argc _unused_, char **argv _unused_)
{
	const struct create_options *options = opts;
	char text[KEY_TEXT_BYTES];
	struct store_key key;
	struct output output;
	struct err err = {0};

	if (make_key(options, text, &key, &err) < 0)
		return cli_fail_err(&err);
	if (options->json) {
		output_begin(&output);
		put_key(&output.json, &key, text);
		return output_end(&output);
	}
	puts(text);
	fprintf(stderr, "created %s; this is the only time the key is shown\n", key.key.id);
	return 0;
}

/* clang-format off */
static const struct cli_option create_options[] = {
	{"name", '\0', OPTION_TEXT, "NAME", offsetof(struct create_options, name), COMPLETE_NONE,
	 "what 'keys list' calls it"},
#define X(member, option, kind, doc)                                                               \
	{option, '\0', OPTION_##kind, NULL, offsetof(struct create_options, member), COMPLETE_NONE, doc},
#include "store/key_limits.def"
#undef X
	{"json", '\0', OPTION_FLAG, NULL, offsetof(struct create_options, json), COMPLETE_NONE,
	 "print JSON"},
	SETTINGS_ROWS(struct create_options),
};
/* clang-format on */

static const struct verb verb_create = {
    .name = "create",
    .operands = "",
    .summary = "Make an API key and print it, this one time",
    .details =
	"Limits hold for this key in addition to the server's; what is not given is the server's.",
    .options = create_options,
    .option_count = ARRAY_LEN(create_options),
    .options_bytes = sizeof(struct create_options),
    .run = run_create,
};

/* --- list --- */

struct list_options {
	struct settings settings;
	bool json;
};

struct listing {
	struct output output;
	struct table table;
	bool json;
};

static const char *rate_text(char out[static 32], uint64_t rate)
{
	if (rate == UINT64_MAX)
		return "unlimited";
	if (!rate)
		return "server's";
	snprintf(out, 32, "%" PRIu64 "/min", rate);
	return out;
}

static bool list_key(const struct store_key *key, void *ctx)
{
	struct listing *listing = ctx;
	char created[OUTPUT_TIME_BYTES], revoked[OUTPUT_TIME_BYTES], rate[32];

	if (listing->json)
		put_key(&listing->output.json, key, NULL);
	else
		table_row(&listing->table, key->key.id, key->key.name,
			  output_time(created, key->created_ms),
			  rate_text(rate, key->key.limits.rate_per_minute),
			  key->revoked_ms ? output_time(revoked, key->revoked_ms) : "valid");
	return true;
}

static int list_keys(const struct list_options *options, struct listing *listing, struct err *err)
{
	struct store *store = NULL;
	int rc = keys_open_store(&options->settings, &store, err);

	if (rc < 0)
		return rc;
	rc = store_keys_since(store, 0, KEYS_LISTED_MAX, list_key, listing, err);
	store_close(store);
	return rc;
}

static int run_list(void *opts, int argc _unused_, char **argv _unused_)
{
	const struct list_options *options = opts;
	struct listing listing = {.json = options->json};
	struct err err = {0};

	output_begin(&listing.output);
	table_init(&listing.table, 5);
	table_row(&listing.table, "ID", "NAME", "CREATED", "RATE", "REVOKED");
	json_array_open(&listing.output.json, NULL);
	int rc = list_keys(options, &listing, &err) < 0 ? cli_fail_err(&err) : 0;
	json_array_close(&listing.output.json);
	if (rc == 0 && options->json)
		rc = output_end(&listing.output);
	else if (rc == 0)
		table_print(&listing.table, stdout);
	buf_finish(&listing.output.buf);
	table_finish(&listing.table);
	return rc;
}

/* clang-format off */
static const struct cli_option list_options[] = {
	{"json", '\0', OPTION_FLAG, NULL, offsetof(struct list_options, json), COMPLETE_NONE,
	 "print JSON"},
	SETTINGS_ROWS(struct list_options),
};
/* clang-format on */

static const struct verb verb_list = {
    .name = "list",
    .operands = "",
    .summary = "List the API keys, never their text",
    .options = list_options,
    .option_count = ARRAY_LEN(list_options),
    .options_bytes = sizeof(struct list_options),
    .run = run_list,
};

/* --- revoke --- */

struct revoke_options {
	struct settings settings;
};

static int run_revoke(void *opts, int argc, char **argv)
{
	const struct revoke_options *options = opts;
	struct store *store = NULL;
	struct err err = {0};
	int rc = keys_open_store(&options->settings, &store, &err);

	for (int i = 0; rc == 0 && i < argc; i++)
		rc = store_key_revoke(store, argv[i], &err);
	store_close(store);
	return rc < 0 ? cli_fail_err(&err) : 0;
}

/* clang-format off */
static const struct cli_option revoke_options[] = {
	SETTINGS_ROWS(struct revoke_options),
};
/* clang-format on */

static const struct verb verb_revoke = {
    .name = "revoke",
    .operands = "ID...",
    .summary = "End API keys for good",
    .operands_least = 1,
    .operands_most = -1,
    .options = revoke_options,
    .option_count = ARRAY_LEN(revoke_options),
    .options_bytes = sizeof(struct revoke_options),
    .run = run_revoke,
};

static const struct verb *const key_verbs[] = {&verb_create, &verb_list, &verb_revoke, NULL};

const struct verb verb_keys = {
    .name = "keys",
    .operands = "",
    .summary = "Create, list and revoke API keys of the server on this machine",
    .verbs = key_verbs,
};
