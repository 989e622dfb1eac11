/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/manifest_check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/runtime.h"
#include "schema/schema.h"

#define LOWER_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"
#define ALNUM	     LOWER_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Placeholders of argv. Those that stand for several elements, or none, must be an element of their
 * own. */
static const struct placeholder {
	const char *name;
	bool alone, in_env;
} placeholders[] = {
    {"{entry}", false, false},	 {"{out}", false, false},      {"{sources}", true, false},
    {"{args}", true, false},	 {"{flags}", true, false},     {"{memory_mib}", false, true},
    {"{heap_mib}", false, true}, {"{young_mib}", false, true}, {"{memory_hex}", false, true},
    {"{cpus}", false, true},
};

/* variant: the version that is looked at, by its own entry or with what it inherits. */
struct checker {
	const struct manifest *manifest;
	const struct manifest_variant *variant;
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
	if (m->session && !is_file_name(m->session))
		return bad(c, "session", "'%s' is not a plain file name.", m->session);
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

/* --- what a version brings into an image --- */

static int check_images(const struct checker *c)
{
	const struct manifest_variant *v = c->variant;

	for (unsigned i = 0; i < v->images_count; i++)
		if (!only_of(v->images[i], LOWER_DIGITS "-"))
			return bad(c, "images", "'%s' may hold only a-z, 0-9 and -.", v->images[i]);
	return 0;
}

/* Debian Policy 5.6.1: what a package name is made of; it also keeps options out of apt's argv. */
static int check_packages(const struct checker *c)
{
	const struct manifest_variant *v = c->variant;

	for (unsigned i = 0; i < v->packages_count; i++)
		if (!isalnum((unsigned char)v->packages[i][0]) ||
		    !only_of(v->packages[i], LOWER_DIGITS "+-."))
			return bad(c, "packages", "'%s' is not a Debian package name.",
				   v->packages[i]);
	return 0;
}

/* They become parts of a URL and of a path below /opt. */
static int check_npm(const struct checker *c)
{
	for (unsigned i = 0; i < c->variant->npm_count; i++) {
		const struct manifest_npm *npm = &c->variant->npm[i];
		if (!only_of(npm->place, LOWER_DIGITS "-"))
			return bad(c, "npm.place", "'%s' may hold only a-z, 0-9 and -.",
				   npm->place);
		if (!only_of(npm->package, LOWER_DIGITS "@/-_.") || strstr(npm->package, ".."))
			return bad(c, "npm.package", "'%s' is not a name of the npm registry.",
				   npm->package);
		if (!isdigit((unsigned char)npm->version[0]) || !only_of(npm->version, ALNUM ".+-"))
			return bad(c, "npm.version", "'%s' is not one version.", npm->version);
		if (strncmp(npm->integrity, "sha512-", 7) != 0 ||
		    !only_of(npm->integrity + 7, ALNUM "+/="))
			return bad(c, "npm.integrity", "'%s' is not sha512-<base64>.",
				   npm->integrity);
	}
	return 0;
}

static int check_machine(const struct checker *c)
{
	const struct manifest_machine *machine = c->variant->machine;

	if (!machine)
		return 0;
	if (!only_of(machine->place, LOWER_DIGITS "-"))
		return bad(c, "machine.place", "'%s' may hold only a-z, 0-9 and -.",
			   machine->place);
	if (!is_file_name(machine->holds))
		return bad(c, "machine.holds", "'%s' is not a plain file name.", machine->holds);
	for (unsigned i = 0; i < machine->from_count; i++)
		if (machine->from[i][0] != '/')
			return bad(c, "machine.from", "'%s' is not an absolute path.",
				   machine->from[i]);
	return 0;
}

static int check_brought_files(const struct checker *c)
{
	for (unsigned i = 0; i < c->variant->files_count; i++)
		if (!is_file_name(c->variant->files[i]))
			return bad(c, "files", "'%s' is not a plain file name.",
				   c->variant->files[i]);
	return 0;
}

/* --- how it is used --- */

static int check_version(const struct checker *c)
{
	const struct manifest_variant *v = c->variant;

	if (!v->version == !v->probe)
		return bad(c, "probe", "give either a probe or a fixed version.");
	if (v->version && !isdigit((unsigned char)v->version[0]))
		return bad(c, "version", "'%s' must begin with a digit.", v->version);
	if (v->probe && v->probe->argv[0][0] != '/')
		return bad(c, "probe.argv", "the program must be an absolute path, not '%s'.",
			   v->probe->argv[0]);
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

static int check_prepare(const struct checker *c)
{
	return check_plain(c, "prepare", c->variant->prepare, c->variant->prepare_count);
}

/* There is no program, and so nothing has its name. */
static int check_repl(const struct checker *c)
{
	const struct manifest_variant *v = c->variant;

	for (unsigned i = 0; i < v->repl_count; i++)
		if (strstr(v->repl[i], "{entry}") || strstr(v->repl[i], "{sources}") || strstr(v->repl[i], "{out}"))
			return bad(c, "repl", "'%s': there is no program here.", v->repl[i]);
	return check_command(c, "repl", v->repl, v->repl_count);
}

static int check_commands(const struct checker *c)
{
	const struct manifest_variant *v = c->variant;
	int rc = check_command(c, "compile", v->compile, v->compile_count);

	if (rc == 0 && v->run_count == 0)
		rc = bad(c, "run", "is missing.");
	if (rc == 0)
		rc = check_command(c, "run", v->run, v->run_count);
	if (rc == 0)
		rc = check_repl(c);
	if (rc == 0 && v->compile_count > 0 && !c->manifest->artefact)
		rc = bad(c, "artefact", "compile and artefact go together.");
	return rc;
}

/* Only what is a number of the run may stand in a variable, so that no name of the caller's does.
 */
static int check_env_value(const struct checker *c, const char *entry)
{
	for (const char *at = strchr(entry, '{'); at; at = strchr(at + 1, '{')) {
		const struct placeholder *p = placeholder_at(at);
		if (p && !p->in_env)
			return bad(c, "env", "%s cannot stand in a variable.", p->name);
	}
	return 0;
}

static int check_env(const struct checker *c)
{
	const struct manifest_variant *v = c->variant;

	for (unsigned i = 0; i < v->env_count; i++) {
		const char *equals = strchr(v->env[i], '=');
		if (!equals || equals == v->env[i])
			return bad(c, "env", "'%s' is not NAME=value.", v->env[i]);
		int rc = check_env_value(c, equals);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static bool has_element(char *const *argv, unsigned argc, const char *element)
{
	for (unsigned i = 0; i < argc; i++)
		if (strcmp(argv[i], element) == 0)
			return true;
	return false;
}

/*
 * "-O2", or "-std={c99,c11}": one set in braces at the end. What may stand in it is so little that
 * a flag can neither hold a path nor be split or taken for something else by a tool.
 */
static bool is_flag(const char *flag)
{
	const char *open = strchr(flag, '{');
	size_t plain = open ? (size_t)(open - flag) : strlen(flag);

	if (!strchr("-+", flag[0]) || strspn(flag, ALNUM "-+=:_,.") < plain)
		return false;
	if (!open)
		return true;
	size_t set = strspn(open + 1, ALNUM "-+:_.,");
	return set > 0 && strcmp(open + 1 + set, "}") == 0;
}

static int check_flags(const struct checker *c)
{
	const struct manifest_variant *v = c->variant;

	for (unsigned i = 0; i < v->flags_count; i++)
		if (!is_flag(v->flags[i]))
			return bad(c, "flags", "'%s' is neither -flag nor -flag={a,b}.",
				   v->flags[i]);
	if (v->flags_count && !has_element(v->compile, v->compile_count, "{flags}") &&
	    !has_element(v->run, v->run_count, "{flags}"))
		return bad(c, "flags", "{flags} stands neither in compile nor in run.");
	return 0;
}

/* --- versions --- */

static int run_checks(const struct checker *c, int (*const checks[])(const struct checker *))
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && checks[i]; i++)
		rc = checks[i](c);
	return rc;
}

static int check_provider(const struct checker *c, unsigned i)
{
	const struct manifest_variant *versions = c->manifest->versions;

	for (unsigned j = 0; j < i; j++)
		if (strcmp(versions[j].provider, versions[i].provider) == 0)
			return bad(c, "versions.provider", "'%s' stands there twice.",
				   versions[i].provider);
	return 0;
}

static int check_variants(const struct checker *c)
{
	static int (*const brought[])(const struct checker *) = {
	    check_images,	 check_packages, check_npm, check_machine,
	    check_brought_files, check_prepare,	 NULL,
	};
	static int (*const used[])(const struct checker *) = {
	    check_version, check_commands, check_env, check_flags, NULL,
	};
	const struct manifest *m = c->manifest;
	struct checker own = {m, &m->common, c->file, c->err};
	int rc = run_checks(&own, brought);

	for (unsigned i = 0; rc == 0 && i < manifest_versions(m); i++) {
		const struct manifest_variant v = manifest_variant_at(m, i);
		own.variant = &v;
		rc = run_checks(&own, brought);
		if (rc == 0)
			rc = run_checks(&own, used);
		if (rc == 0 && m->versions_count)
			rc = check_provider(c, i);
	}
	return rc;
}

static int check_artefact(const struct checker *c)
{
	const struct manifest *m = c->manifest;

	for (unsigned i = 0; i < manifest_versions(m); i++)
		if (manifest_variant_at(m, i).compile_count)
			return 0;
	return m->artefact ? bad(c, "artefact", "compile and artefact go together.") : 0;
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

static int check_profile(const struct checker *c, const struct manifest_warm *warm)
{
	uint64_t number;

	for (unsigned i = 0; i < warm->prepare_count; i++)
		if (!is_file_name(warm->prepare[i]))
			return bad(c, "warm.prepare", "'%s' is not a plain file name.", warm->prepare[i]);
	for (unsigned i = 0; i < warm->imports_count; i++)
		if (!only_of(warm->imports[i], ALNUM "_:"))
			return bad(c, "warm.imports", "'%s' is not the name of a module.", warm->imports[i]);
	if (warm->imports_count && !c->manifest->import_words_count)
		return bad(c, "import_words", "warm.imports needs it.");
	if (warm->stage == RUNTIME_STAGE_COMPILE && !c->manifest->artefact)
		return bad(c, "warm.stage", "nothing is compiled here.");
	if (warm->slots_most && schema_number(warm->slots_most, 1, 4096, &number) < 0)
		return bad(c, "warm.slots_most", "must be a whole number from 1 to 4096, not '%s'.", warm->slots_most);
	return 0;
}

static int check_warm(const struct checker *c)
{
	const struct manifest *m = c->manifest;
	int rc = 0;

	for (unsigned i = 0; i < m->import_words_count; i++)
		if (!only_of(m->import_words[i], ALNUM))
			return bad(c, "import_words", "'%s' is not a word.", m->import_words[i]);
	for (unsigned i = 0; rc == 0 && i < m->warm_count; i++)
		rc = check_profile(c, &m->warm[i]);
	return rc;
}

static int check_engines(const struct checker *c)
{
	return c->manifest->engines ? 0 : bad(c, "engines", "at least one is needed.");
}

int manifest_check(const struct manifest *manifest, const char *file, struct err *err)
{
	static int (*const checks[])(const struct checker *) = {
	    check_names, check_files,	check_artefact, check_variants,
	    check_least, check_warm,	check_engines,	NULL,
	};
	const struct checker c = {manifest, &manifest->common, file, err};

	return run_checks(&c, checks);
}
