/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/manifest_check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/runtime.h"
#include "schema/schema.h"

#define LOWER_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"

/* Placeholders of argv. Those that stand for several elements, or none, must be an element of their
 * own. */
static const struct placeholder {
	const char *name;
	bool alone;
} placeholders[] = {
    {"{entry}", false},
    {"{out}", false},
    {"{sources}", true},
    {"{args}", true},
};

struct checker {
	const struct manifest *manifest;
	const char *file;
	struct err *err;
};

_printf_(3, 4) static int bad(const struct checker *c, const char *key, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_field(c->err, ERR_MANIFEST, c->file, "%s: %s: %s", c->file, key, text);
}

static bool only_of(const char *text, const char *symbols)
{
	return text[strspn(text, symbols)] == '\0';
}

static int check_names(const struct checker *c)
{
	const struct manifest *m = c->manifest;

	if (!only_of(m->id, LOWER_DIGITS "-"))
		return bad(c, "id", "'%s' may hold only a-z, 0-9 and -.", m->id);
	for (unsigned i = 0; i < m->aliases_count; i++)
		if (!only_of(m->aliases[i], LOWER_DIGITS "-+#._"))
			return bad(c, "aliases", "'%s' may hold only a-z, 0-9 and -+#._",
				   m->aliases[i]);
	return 0;
}

/* A plain name: it becomes a file in the working directory. */
static bool is_file_name(const char *name)
{
	return name[0] != '.' && name[0] != '-' && !strchr(name, '/');
}

static int check_files(const struct checker *c)
{
	const struct manifest *m = c->manifest;

	if (!is_file_name(m->file_name))
		return bad(c, "file_name", "'%s' is not a plain file name.", m->file_name);
	if (m->artefact && !is_file_name(m->artefact))
		return bad(c, "artefact", "'%s' is not a plain file name.", m->artefact);
	if (m->artefact && strcmp(m->artefact, m->file_name) == 0)
		return bad(c, "artefact", "it would replace the source %s.", m->file_name);
	for (unsigned i = 0; i < m->source_suffixes_count; i++)
		if (m->source_suffixes[i][0] != '.')
			return bad(c, "source_suffixes", "'%s' must begin with a dot.",
				   m->source_suffixes[i]);
	return 0;
}

/* Debian Policy 5.6.1: what a package name is made of; it also keeps options out of apt's argv. */
static int check_packages(const struct checker *c)
{
	const struct manifest *m = c->manifest;

	for (unsigned i = 0; i < m->packages_count; i++)
		if (!isalnum((unsigned char)m->packages[i][0]) ||
		    !only_of(m->packages[i], LOWER_DIGITS "+-."))
			return bad(c, "packages", "'%s' is not a Debian package name.",
				   m->packages[i]);
	return 0;
}

static int check_version(const struct checker *c)
{
	const struct manifest *m = c->manifest;

	if (!m->version == !m->probe)
		return bad(c, "probe", "give either a probe or a fixed version.");
	if (m->version && !isdigit((unsigned char)m->version[0]))
		return bad(c, "version", "'%s' must begin with a digit.", m->version);
	if (m->probe && m->probe->argv[0][0] != '/')
		return bad(c, "probe.argv", "the program must be an absolute path, not '%s'.",
			   m->probe->argv[0]);
	return 0;
}

static const struct placeholder *placeholder_at(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(placeholders); i++)
		if (strncmp(text, placeholders[i].name, strlen(placeholders[i].name)) == 0)
			return &placeholders[i];
	return NULL;
}

static int check_element(const struct checker *c, const char *key, const char *element)
{
	for (const char *at = strchr(element, '{'); at; at = strchr(at + 1, '{')) {
		const struct placeholder *p = placeholder_at(at);
		if (!p)
			return bad(c, key, "'%s' holds an unknown placeholder.", element);
		if (p->alone && strcmp(element, p->name) != 0)
			return bad(c, key, "%s must be an element of its own.", p->name);
		if (strcmp(p->name, "{out}") == 0 && !c->manifest->artefact)
			return bad(c, key, "{out} needs an artefact.");
		if (strcmp(p->name, "{sources}") == 0 && !c->manifest->source_suffixes_count)
			return bad(c, key, "{sources} needs source_suffixes.");
	}
	return 0;
}

/* execve(2) in the jail gets argv[0] as it stands: there is no search through PATH. */
static int check_command(const struct checker *c, const char *key, char *const *argv, unsigned argc)
{
	if (argc > 0 && argv[0][0] != '/')
		return bad(c, key, "the program must be an absolute path, not '%s'.", argv[0]);
	for (unsigned i = 0; i < argc; i++) {
		int rc = check_element(c, key, argv[i]);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A command of the image build: there is no job whose names could stand in it. */
static int check_plain(const struct checker *c, const char *key, char *const *argv, unsigned argc)
{
	for (unsigned i = 0; i < argc; i++)
		if (strchr(argv[i], '{'))
			return bad(c, key, "'%s': there are no placeholders here.", argv[i]);
	return check_command(c, key, argv, argc);
}

static int check_commands(const struct checker *c)
{
	const struct manifest *m = c->manifest;
	int rc = check_command(c, "compile", m->compile, m->compile_count);

	if (rc == 0)
		rc = check_command(c, "run", m->run, m->run_count);
	if (rc == 0)
		rc = check_plain(c, "prepare", m->prepare, m->prepare_count);
	if (rc == 0 && (m->compile_count > 0) != (m->artefact != NULL))
		rc = bad(c, "artefact", "compile and artefact go together.");
	return rc;
}

static int check_env(const struct checker *c)
{
	const struct manifest *m = c->manifest;

	for (unsigned i = 0; i < m->env_count; i++) {
		const char *equals = strchr(m->env[i], '=');
		if (!equals || equals == m->env[i])
			return bad(c, "env", "'%s' is not NAME=value.", m->env[i]);
	}
	return 0;
}

static int check_least(const struct checker *c)
{
	const struct manifest_least *least = &c->manifest->least;
	uint64_t number;

	if (schema_number(least->processes, 1, 32768, &number) < 0)
		return bad(c, "least.processes",
			   "must be a whole number from 1 to 32768, not '%s'.", least->processes);
	if (schema_number(least->memory_bytes, 1, 1024 * GIB, &number) < 0)
		return bad(c, "least.memory_bytes",
			   "must be a whole number of bytes, at most 1 TiB, not '%s'.",
			   least->memory_bytes);
	return 0;
}

static int check_engines(const struct checker *c)
{
	return c->manifest->engines ? 0 : bad(c, "engines", "at least one is needed.");
}

int manifest_check(const struct manifest *manifest, const char *file, struct err *err)
{
	static int (*const checks[])(const struct checker *) = {
	    check_names,    check_files, check_packages, check_version,
	    check_commands, check_env,	 check_least,	 check_engines,
	};
	struct checker c = {manifest, file, err};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		int rc = checks[i](&c);
		if (rc < 0)
			return rc;
	}
	return 0;
}
