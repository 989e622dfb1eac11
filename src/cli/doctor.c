/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/output.h"
#include "cli/settings.h"
#include "ipc/walls.h"

struct check {
	const char *name;
	bool required;
	enum wall wall; /* WALL_COUNT: none */
	void (*fn)(const struct config *config, struct finding *finding);
};

static const struct check checks[] = {
#define X(name, required, wall) {#name, required, WALL_##wall, check_##name},
#include "cli/doctor.def"
#undef X
};

void finding_met(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	finding->state = FINDING_MET;
	va_start(ap, fmt);
	vsnprintf(finding->detail, sizeof(finding->detail), fmt, ap);
	va_end(ap);
}

void finding_missing(struct finding *finding, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	finding->state = FINDING_MISSING;
	snprintf(finding->remedy, sizeof(finding->remedy), "%s", remedy);
	va_start(ap, fmt);
	vsnprintf(finding->detail, sizeof(finding->detail), fmt, ap);
	va_end(ap);
}

/* Required, unless the operator has allowed code to run without that wall. */
static bool is_required(const struct check *check, const struct config *config)
{
	uint64_t waived = 0;

	if (check->wall != WALL_COUNT)
		walls_parse(config->allow_missing_walls, &waived, NULL);
	return check->required && !(waived >> check->wall & 1);
}

static const char *state_name(bool required, const struct finding *finding)
{
	if (finding->state == FINDING_MET)
		return "met";
	return required ? "missing" : "advised";
}

static void put_json(struct json_writer *w, const char *name, bool required,
		     const struct finding *finding)
{
	json_object_open(w, NULL);
	json_put_text(w, "name", name);
	json_put_bool(w, "required", required);
	json_put_text(w, "state", state_name(required, finding));
	json_put_text(w, "detail", finding->detail);
	json_put_text(w, "remedy", finding->remedy[0] ? finding->remedy : NULL);
	json_object_close(w);
}

static void print_line(const char *name, bool required, const struct finding *finding)
{
	printf("%-8s %-11s %s\n", state_name(required, finding), name, finding->detail);
	if (finding->remedy[0])
		printf("%-8s %-11s -> %s\n", "", "", finding->remedy);
}

struct doctor_options {
	struct settings settings;
	bool json;
};

/* How many required ones are missing. */
static unsigned run_checks(const struct config *config, struct json_writer *w, bool json)
{
	unsigned missing = 0;

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		struct finding finding = {.state = FINDING_MET};
		bool required = is_required(&checks[i], config);
		checks[i].fn(config, &finding);
		missing += required && finding.state == FINDING_MISSING;
		if (json)
			put_json(w, checks[i].name, required, &finding);
		else
			print_line(checks[i].name, required, &finding);
	}
	return missing;
}

static int run_doctor(void *opts, int argc _unused_, char **argv _unused_)
{
	const struct doctor_options *options = opts;
	struct config config;
	struct output output;
	struct err err = {0};

	if (settings_load(&options->settings, &config, &err) < 0)
		return cli_fail_err(&err);
	output_begin(&output);
	json_array_open(&output.json, NULL);
	unsigned missing = run_checks(&config, &output.json, options->json);
	json_array_close(&output.json);
	config_finish(&config);
	int rc = options->json ? output_end(&output) : 0;
	buf_finish(&output.buf);
	if (!options->json && missing)
		printf("\n%u requirement%s missing\n", missing, missing == 1 ? " is" : "s are");
	return rc ? rc : missing ? EXIT_CODE_FAILED : 0;
}

/* clang-format off */
static const struct cli_option doctor_options[] = {
	{"json", 'j', OPTION_FLAG, NULL, offsetof(struct doctor_options, json), COMPLETE_NONE,
	 "print JSON"},
	SETTINGS_ROWS(struct doctor_options),
};
/* clang-format on */

const struct verb verb_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "Check what this machine must have, and name the command that meets what it lacks",
    .details =
	"Exit status 1 if something required is missing. 'advised' is not required: it names a"
	" weakness of the kernel or a convenience.",
    .options = doctor_options,
    .option_count = ARRAY_LEN(doctor_options),
    .options_bytes = sizeof(struct doctor_options),
    .run = run_doctor,
};
