/* SPDX-License-Identifier: Apache-2.0 */
/* What rows must be to each other; config_check stops at the first that does not hold. */
#define _GNU_SOURCE
#include <string.h>

#include "base/urls.h"
#include "config/row.h"

#define UIDS_NEEDED 5000 /* roles, and one per jail with room to let uids rest: see uid_base */

/* The first may not be above the second. Pairs x_default, x_max are found by name. */
static const char *const ordered[][2] = {
    {"code_bytes_max", "body_bytes_max"},
    {"stdin_bytes_max", "body_bytes_max"},
    {"queue_max_per_key", "queue_max"},
    {"connections_max_per_ip", "connections_max"},
};

static const char *const warm_modes[] = {"off", "lean", "full"};
static const char *const log_levels[] = {"debug", "info", "warn", "error"};
static const char *const nadoo_timeouts[] = {"documented", "source"};

static int check_order(const struct config *config, const struct row *low, const struct row *high,
		       struct err *err)
{
	uint64_t a = *row_u64(low, config), b = *row_u64(high, config);

	if (a <= b)
		return 0;
	return err_field(err, ERR_CONFIG, low->name, "%s (%llu) must not be above %s (%llu).",
			 low->name, (unsigned long long)a, high->name, (unsigned long long)b);
}

/* The x_max of an x_default; NULL for every other row. */
static const struct row *maximum_of(const struct row *row)
{
	static const char suffix[] = "_default";
	size_t len = strlen(row->name), cut = sizeof(suffix) - 1;
	char name[64];

	if (len < cut || strcmp(row->name + len - cut, suffix) != 0)
		return NULL;
	int n = snprintf(name, sizeof(name), "%.*s_max", (int)(len - cut), row->name);
	return row_find(name, (size_t)n);
}

static int check_limits(const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config_row_count; i++) {
		const struct row *high = maximum_of(&config_rows[i]);
		if (high && check_order(config, &config_rows[i], high, err) < 0)
			return -ERR_CONFIG;
	}
	for (size_t i = 0; i < ARRAY_LEN(ordered); i++) {
		const struct row *low = row_find(ordered[i][0], strlen(ordered[i][0]));
		const struct row *high = row_find(ordered[i][1], strlen(ordered[i][1]));
		if (check_order(config, low, high, err) < 0)
			return -ERR_CONFIG;
	}
	return 0;
}

/* "127.0.0.1:8080", "[::1]:8080", ":8080"; port 0 lets the kernel choose. Whether the address
 * exists, bind(2) says. */
static int check_listen(const struct config *config, struct err *err)
{
	const char *colon = strrchr(config->listen, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	if (digits > 0 && digits <= 5 && colon[1 + digits] == '\0' && atoi(colon + 1) <= 65535 &&
	    (config->listen[0] == '[') == (colon > config->listen && colon[-1] == ']'))
		return 0;
	return err_field(err, ERR_CONFIG, "listen",
			 "listen must be ADDRESS:PORT, [IPV6]:PORT or :PORT, not '%.60s'.",
			 config->listen);
}

static int check_tls(const struct config *config, struct err *err)
{
	if (!config->tls_certificate[0] == !config->tls_key[0])
		return 0;
	return err_field(err, ERR_CONFIG, config->tls_key[0] ? "tls_certificate" : "tls_key",
			 "TLS needs both tls_certificate and tls_key; only one of them is set.");
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0)
			return true;
	return false;
}

/* Rows that are one of a few words. */
static int check_words(const struct config *config, struct err *err)
{
	static const struct {
		const char *name, *list;
		const char *const *words;
		size_t count;
	} rows[] = {
	    {"log_level", "debug, info, warn or error", log_levels, ARRAY_LEN(log_levels)},
	    {"warm", "off, lean or full", warm_modes, ARRAY_LEN(warm_modes)},
	    {"nadoo_timeouts", "documented or source", nadoo_timeouts, ARRAY_LEN(nadoo_timeouts)},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *word = *row_text(row_find(rows[i].name, strlen(rows[i].name)), config);
		if (!is_one_of(word, rows[i].words, rows[i].count))
			return err_field(err, ERR_CONFIG, rows[i].name,
					 "%s must be %s, not '%.60s'.", rows[i].name, rows[i].list,
					 word);
	}
	return 0;
}

/* The roles change their working directory and root, so a relative path would mean several places.
 */
static int check_paths(const struct config *config, struct err *err)
{
	static const char *const names[] = {"state_dir", "image_dir", "runtime_dir", "scan_dir", "libexec_dir"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *path = *row_text(row_find(names[i], strlen(names[i])), config);
		if (path[0] != '/')
			return err_field(err, ERR_CONFIG, names[i],
					 "%s must be an absolute path, not '%.60s'.", names[i],
					 path);
	}
	return 0;
}

/* "*", or origins as browsers write them: no path, not even a slash (RFC 6454, 6.2). */
static int check_origins(const struct config *config, struct err *err)
{
	const char *at = config->cors_origins;

	if (strcmp(at, "*") == 0)
		return 0;
	for (size_t len; at += strspn(at, " ,"), (len = strcspn(at, " ,")) > 0; at += len) {
		const char *host = memmem(at, len, "://", 3);
		if (!host || host + 3 == at + len || memchr(host + 3, '/', len - (size_t)(host + 3 - at)) ||
		    memchr(at, '*', len))
			return err_field(err, ERR_CONFIG, "cors_origins",
					 "cors_origins must be * or origins like "
					 "https://app.example.com, not '%.*s'.",
					 (int)MIN_OF(len, (size_t)60), at);
	}
	return 0;
}

static int check_uids(const struct config *config, struct err *err)
{
	if (config->uid_base <= UINT32_MAX - UIDS_NEEDED)
		return 0;
	return err_limit(err, ERR_CONFIG, "uid_base", UINT32_MAX - UIDS_NEEDED,
			 "uid_base must leave room for %d user ids above it.", UIDS_NEEDED);
}

static int check_indexes(const struct config *config, struct err *err)
{
	int rc = urls_check(config->python_index_url, "python_index_url", err);

	return rc < 0 ? rc : urls_check(config->npm_registry_url, "npm_registry_url", err);
}

int config_check(const struct config *config, struct err *err)
{
	static int (*const checks[])(const struct config *, struct err *) = {
	    check_limits, check_listen, check_tls, check_words, check_paths, check_origins, check_uids,
	    check_indexes,
	};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		int rc = checks[i](config, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
