/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build is one recipe, from top to bottom; each step gets the whole of the build. Everything
 * happens in <image_dir>/.build, which the last step renames, so that an image is there completely
 * or not at all. What runs inside the tree (maintainer scripts, probes) is Debian's, checked by
 * signature: as trusted as the packages of this machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/util.h"
#include "image/contents.h"
#include "image/image.h"
#include "image/internal.h"
#include "image/machine.h"
#include "image/mirror.h"
#include "image/npm.h"
#include "image/packages.h"
#include "image/plan.h"
#include "image/progress.h"
#include "image/tool.h"
#include "image/tree.h"
#include "runtime/manifest.h"
#include "runtime/probe.h"

#define BUILD_NAME     ".build"
#define CACHE_NAME     ".cache"
#define NPM_CACHE_NAME "npm"
#define PACKAGES_FILE  "packages"
#define SETTINGS_FILE  "apt.conf"
#define RECIPE_VERSION "2" /* raised when the same recipe makes another tree */
#define TEXT_BYTES_MAX (64 * KIB)
#define ARGV_MAX       48

/* Where mmdebstrap is, by what it says; the percentages are of a build on a fast mirror. */
static const struct phase {
	const char *says, *step;
	unsigned percent;
} phases[] = {
    {"I: running apt-get update", "lists of packages", 2},
    {"I: downloading packages", "base packages", 8},
    {"I: extracting archives", "unpacking", 14},
    {"I: installing essential", "installing the base", 24},
    {"I: installing remaining", "installing the languages", 34},
    {"I: cleaning", "tidying up", 70},
};
#define PERCENT_REMAINING 34u
#define PERCENT_CLEANING  70u

/* Not for jails: without them a tree is a third smaller. Licences stay, as they ask to. */
static const char *const excluded[] = {
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-include=/usr/share/man/man[1-9]", /* directories: update-alternatives links into them */
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/lintian/*",
    "path-exclude=/usr/share/bash-completion/*",
    "path-exclude=/usr/share/bug/*",
};

struct build {
	const struct image_options *options;
	const char *name, *suite;
	struct plan plan;
	struct progress_bar bar;
	int lock; /* held by mmdebstrap as well, so that it is never outlived */
	char recipe[DIGEST_BYTES];
	char *dir, *root, *cache, *settings;
	unsigned base_packages; /* installed before the languages */
	char contents[DIGEST_BYTES];
	uint64_t files, bytes;
	struct err *err;
};

static int no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "Out of memory.");
}

/* The recipe's digest: all that decides what comes out. */
static int recipe_digest(char out[static DIGEST_BYTES], const struct plan *plan, const char *suite,
			 struct err *err)
{
	_buf_finish_ struct buf text;
	struct utsname host;

	buf_init(&text, TEXT_BYTES_MAX);
	uname(&host);
	buf_printf(&text, "recipe " RECIPE_VERSION "\nsuite %s\nmachine %s\n", suite, host.machine);
	for (size_t i = 0; i < ARRAY_LEN(excluded); i++)
		buf_printf(&text, "%s\n", excluded[i]);
	const char *settings = buf_c_str(&text);
	return settings ? plan_digest(out, plan, settings, err) : no_memory(err);
}

/* --- mmdebstrap --- */

static void watch_line(void *ctx, const char *line)
{
	struct build *b = ctx;

	for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
		if (strncmp(line, phases[i].says, strlen(phases[i].says)) != 0)
			continue;
		progress_bar_step(&b->bar, phases[i].percent, phases[i].step);
		if (phases[i].percent == PERCENT_REMAINING) {
			unsigned known;
			packages_count(b->root, &known, &b->base_packages);
		}
	}
}

/* The longest phase is the one in which the number of packages is known. */
static void watch_tick(void *ctx)
{
	struct build *b = ctx;
	unsigned known, installed, percent = b->bar.percent;

	packages_count(b->root, &known, &installed);
	if (percent >= PERCENT_REMAINING && percent < PERCENT_CLEANING &&
	    known > b->base_packages && installed > b->base_packages)
		percent = PERCENT_REMAINING + (PERCENT_CLEANING - PERCENT_REMAINING) *
						  (installed - b->base_packages) /
						  (known - b->base_packages);
	progress_bar_advance(&b->bar, MIN_OF(percent, PERCENT_CLEANING));
}

/* Those of a version are added to what its language has in common. */
static int package_names(const struct build *b, struct buf *out)
{
	buf_append_text(out, "--include=base-files");
	for (unsigned i = 0; i < b->plan.part_count; i++) {
		const struct manifest_variant *brings = b->plan.parts[i].brings;
		for (unsigned j = 0; j < brings->packages_count; j++)
			buf_printf(out, ",%s", brings->packages[j]);
	}
	return buf_c_str(out) ? 0 : no_memory(b->err);
}

/* An argument vector with the texts that were made for it. */
struct argv {
	char *items[ARGV_MAX];
	unsigned count;
	char *made[ARGV_MAX];
	unsigned made_count;
};

static void argv_add(struct argv *argv, const char *item)
{
	if (argv->count + 1 < ARGV_MAX)
		argv->items[argv->count++] = (char *)item;
}

_printf_(2, 3) static void argv_printf(struct argv *argv, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0) {
		argv->made[argv->made_count++] = text;
		argv_add(argv, text);
	}
	va_end(ap);
}

static void argv_finish(struct argv *argv)
{
	for (unsigned i = 0; i < argv->made_count; i++)
		free(argv->made[i]);
}

static int run_mmdebstrap(struct build *b, const struct mirror *mirror)
{
	const struct tool_watch watch = {.line = watch_line, .tick = watch_tick, .ctx = b};
	_buf_finish_ struct buf include;
	struct argv argv = {.count = 0};

	buf_init(&include, TEXT_BYTES_MAX);
	int rc = package_names(b, &include);
	if (rc < 0)
		return rc;
	argv_add(&argv, "mmdebstrap");
	argv_add(&argv, "--mode=root");
	argv_add(&argv, "--format=directory");
	argv_add(&argv, "--variant=essential");
	/* our cached packages are in the tree before it begins, and are wanted when it has ended */
	argv_add(&argv, "--skip=check/empty,essential/unlink,cleanup/apt/cache");
	argv_printf(&argv, "--keyring=%s", MIRROR_KEYRING);
	argv_printf(&argv, "--aptopt=%s", b->settings);
	for (size_t i = 0; i < ARRAY_LEN(excluded); i++)
		argv_printf(&argv, "--dpkgopt=%s", excluded[i]);
	argv_add(&argv, buf_c_str(&include));
	argv_add(&argv, b->suite);
	argv_add(&argv, b->root);
	for (unsigned i = 0; i < mirror->count; i++)
		argv_add(&argv, mirror->lines[i]);
	rc = tool_run(argv.items, b->lock, &watch, b->err);
	argv_finish(&argv);
	return rc;
}

/* --- the steps --- */

/* What an interrupted build has downloaded is worth keeping, the rest of it is not. */
static int step_salvage(struct build *b)
{
	int rc = packages_keep(b->cache, b->root, NULL, b->err);

	if (rc >= 0)
		rc = tree_remove(b->dir, b->err);
	if (rc == 0)
		rc = packages_offer(b->cache, b->root, b->err);
	return rc < 0 ? rc : 0;
}

static int step_settings(struct build *b)
{
	_buf_finish_ struct buf text;

	buf_init(&text, TEXT_BYTES_MAX);
	int rc = mirror_apt_settings(&text, b->err);
	if (rc < 0)
		return rc;
	_close_ int fd = open(b->settings, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || fd_write_all(fd, text.data, text.len) < 0)
		return err_field(b->err, ERR_IO, b->settings, "Cannot write %s: %s.", b->settings,
				 strerror(errno));
	return 0;
}

static int step_packages(struct build *b)
{
	struct mirror mirror;
	int rc = mirror_find(&mirror, b->suite, b->options->mirror, b->err);

	if (rc < 0)
		return rc;
	rc = run_mmdebstrap(b, &mirror);
	if (rc < 0 && mirror.count == 0 && b->err) {
		size_t len = strlen(b->err->text);
		snprintf(b->err->text + len, sizeof(b->err->text) - len,
			 " This machine's apt has no Debian archive; set " MIRROR_VARIABLE
			 " to the URI of one.");
	}
	mirror_finish(&mirror);
	return rc;
}

static int step_keep(struct build *b)
{
	_free_ char *list = image_path(b->dir, PACKAGES_FILE, NULL);
	int rc = list ? packages_keep(b->cache, b->root, list, b->err) : no_memory(b->err);

	return rc < 0 ? rc : 0;
}

static int step_npm(struct build *b)
{
	_free_ char *cache = image_path(b->options->image_dir, CACHE_NAME, NPM_CACHE_NAME);
	int rc = cache ? 0 : no_memory(b->err);

	for (unsigned i = 0; rc == 0 && i < b->plan.part_count; i++) {
		const struct manifest_variant *brings = b->plan.parts[i].brings;
		for (unsigned j = 0; rc == 0 && j < brings->npm_count; j++) {
			progress_bar_step(&b->bar, b->bar.percent, brings->npm[j].package);
			rc = npm_install(&brings->npm[j], cache, b->root, b->lock, b->err);
		}
	}
	return rc;
}

static int step_machine(struct build *b)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < b->plan.part_count; i++) {
		const struct manifest_machine *machine = b->plan.parts[i].brings->machine;
		if (machine)
			rc = machine_install(machine, b->root, b->lock, b->err);
	}
	return rc;
}

static int copy_file(const char *from, const char *to, struct err *err)
{
	_close_ int in = open(from, O_RDONLY | O_CLOEXEC);
	_close_ int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t n = -1;

	while (in >= 0 && out >= 0 && (n = sendfile(out, in, NULL, GIB)) > 0)
		;
	return n == 0 ? 0
		      : err_field(err, ERR_IO, from, "Cannot copy %s to %s: %s.", from, to,
				  strerror(errno));
}

static int bring_files(struct build *b, const struct plan_part *part)
{
	const char *id = part->manifest->id;
	_free_ char *dir = image_path(b->root, &MANIFEST_FILES_DIR[1], id);
	int rc = dir ? tree_make_directory(dir, b->err) : no_memory(b->err);

	for (unsigned i = 0; rc == 0 && i < part->brings->files_count; i++) {
		const char *name = part->brings->files[i];
		_free_ char *from = image_path(b->options->runtime_dir, id, name);
		_free_ char *to = image_path(dir, name, NULL);
		rc = from && to ? copy_file(from, to, b->err) : no_memory(b->err);
	}
	return rc;
}

static int step_files(struct build *b)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < b->plan.part_count; i++)
		if (b->plan.parts[i].brings->files_count)
			rc = bring_files(b, &b->plan.parts[i]);
	return rc;
}

static void ignore_line(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/*
 * In the tree, with /proc, by which programs find their own libraries, in namespaces of their own: what is
 * mounted or left running ends with the command.
 */
static int run_inside(struct build *b, char *const *command, unsigned count)
{
	const struct tool_watch watch = {.line = ignore_line};
	struct argv argv = {.count = 0};

	argv_add(&argv, "unshare");
	argv_add(&argv, "--mount");
	argv_add(&argv, "--pid");
	argv_add(&argv, "--fork");
	argv_add(&argv, "--kill-child");
	argv_printf(&argv, "--mount-proc=%s/proc", b->root);
	argv_add(&argv, "chroot");
	argv_add(&argv, b->root);
	for (unsigned i = 0; i < count; i++)
		argv_add(&argv, command[i]);
	int rc = tool_run(argv.items, b->lock, &watch, b->err);
	argv_finish(&argv);
	return rc;
}

/*
 * From an archive a program loads its locale by one open instead of some seventy calls: a third of
 * what Bash does at its start.
 */
static int step_locale(struct build *b)
{
	static char *const command[] = {"localedef", "--add-to-archive", "/usr/lib/locale/C.utf8"};

	return run_inside(b, command, ARRAY_LEN(command));
}

static int step_prepare(struct build *b)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < b->plan.part_count; i++) {
		const struct manifest_variant *brings = b->plan.parts[i].brings;
		if (brings->prepare_count)
			rc = run_inside(b, brings->prepare, brings->prepare_count);
	}
	return rc;
}

/* What dpkg has installed, a line "name version" each, with a newline before the first. */
static int ask_dpkg(struct build *b, struct buf *out)
{
	char *const argv[] = {"chroot", b->root,	"dpkg-query",
			      "--show", "--showformat", "${Package} ${Version}\\n",
			      NULL};

	buf_append_text(out, "\n");
	return tool_capture(argv, out, b->err);
}

static int step_versions(struct build *b)
{
	_buf_finish_ struct buf installed;
	int rc = 0;

	buf_init(&installed, MIB);
	for (unsigned i = 0; rc == 0 && i < b->plan.version_count; i++) {
		struct plan_version *v = &b->plan.versions[i];
		rc = probe_version(v->version, v->manifest, &v->variant, b->root, b->err);
	}
	if (rc == 0)
		rc = ask_dpkg(b, &installed);
	if (rc == 0)
		rc = plan_note_packages(&b->plan, buf_c_str(&installed), b->err);
	return rc;
}

static int step_trim(struct build *b)
{
	unlink(b->settings);
	return tree_trim(b->root, b->err);
}

static int step_contents(struct build *b)
{
	_free_ char *path = image_path(b->dir, IMAGE_CONTENTS_FILE, NULL);
	struct contents contents;
	int rc = path ? contents_scan(&contents, b->root, b->err) : no_memory(b->err);

	if (rc < 0)
		return rc;
	b->files = contents.files;
	b->bytes = contents.bytes;
	rc = contents_save(&contents, path, b->contents, b->err);
	contents_finish(&contents);
	return rc;
}

static int step_describe(struct build *b)
{
	_free_ char *path = image_path(b->dir, IMAGE_INFO_FILE, NULL);
	struct image_runtime runtimes[PLAN_MAX];
	char built[32], files[24], bytes[24];
	struct utsname host;
	time_t now = time(NULL);
	struct tm tm;

	for (unsigned i = 0; i < b->plan.version_count; i++) {
		struct plan_version *v = &b->plan.versions[i];
		runtimes[i] = (struct image_runtime){.id = v->manifest->id,
						     .version = v->version,
						     .provider = v->variant.provider,
						     .packages = v->packages,
						     .packages_count = v->package_count};
	}
	uname(&host);
	strftime(built, sizeof(built), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	snprintf(files, sizeof(files), "%llu", (unsigned long long)b->files);
	snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)b->bytes);
	const struct image_info info = {
	    .suite = (char *)b->suite,
	    .architecture = host.machine,
	    .built = built,
	    .recipe = b->recipe,
	    .contents = b->contents,
	    .files = files,
	    .bytes = bytes,
	    .runtimes = runtimes,
	    .runtimes_count = b->plan.version_count,
	};
	return path ? image_info_save(&info, path, b->err) : no_memory(b->err);
}

/* After a crash of the machine the name must not stand for a half-written tree. */
static int step_place(struct build *b)
{
	_close_ int fd = open(b->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_free_ char *final = image_path(b->options->image_dir, b->name, NULL);

	if (!final)
		return no_memory(b->err);
	if (fd < 0 || syncfs(fd) < 0)
		return err_field(b->err, ERR_IO, b->dir, "Cannot write %s to disk: %s.", b->dir,
				 strerror(errno));
	/* a new image by one rename; an old one changes places with it and is then retired as
	 * .build */
	int rc = renameat2(AT_FDCWD, b->dir, AT_FDCWD, final, RENAME_EXCHANGE);
	if (rc < 0 && errno == ENOENT)
		rc = rename(b->dir, final);
	if (rc < 0)
		return err_field(b->err, ERR_IO, final, "Cannot put the image at %s: %s.", final,
				 strerror(errno));
	return image_retire(b->options->image_dir, BUILD_NAME, b->err);
}

static const struct step {
	unsigned percent;
	const char *name;
	int (*run)(struct build *build);
} steps[] = {
    {0, "what is left of earlier builds", step_salvage},
    {1, "this machine's settings of apt", step_settings},
    {1, "packages", step_packages},
    {74, "keeping the packages", step_keep},
    {76, "packages of npm", step_npm},
    {77, "what this machine has", step_machine},
    {78, "files of the manifests", step_files},
    {78, "the locale", step_locale},
    {78, "preparing the languages", step_prepare},
    {82, "versions", step_versions},
    {84, "trimming", step_trim},
    {86, "list of contents", step_contents},
    {94, "description", step_describe},
    {95, "moving into place", step_place},
};

/* --- all of it --- */

static int run_steps(struct build *b)
{
	mode_t old_umask = umask(022);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(steps); i++) {
		progress_bar_step(&b->bar, steps[i].percent, steps[i].name);
		rc = steps[i].run(b);
	}
	umask(old_umask);
	if (rc < 0)
		progress_bar_clear(&b->bar);
	else
		progress_bar_finish(&b->bar, "built");
	return rc;
}

static bool up_to_date(const struct build *b)
{
	struct image_info *info;

	if (image_info_load(&info, b->options->image_dir, b->name, NULL) < 0)
		return false;
	bool same = strcmp(info->recipe, b->recipe) == 0;
	image_info_free(info);
	return same;
}

static int locked_build(struct build *b)
{
	char subject[96];

	snprintf(subject, sizeof(subject), "image %s", b->name);
	progress_bar_init(&b->bar, b->options->out, subject);
	if (!b->options->force && up_to_date(b)) {
		progress_bar_finish(&b->bar, "is up to date");
		return 0;
	}
	if (geteuid() != 0)
		return err_set(b->err, ERR_CONFIG,
			       "Building an image needs root; run it as root or with sudo.");
	b->dir = image_path(b->options->image_dir, BUILD_NAME, NULL);
	b->root = image_path(b->options->image_dir, BUILD_NAME, IMAGE_TREE_DIR);
	/* a build forgets the packages that it had no use for: those of other images are elsewhere
	 */
	b->cache = image_path(b->options->image_dir, CACHE_NAME,
			      strcmp(b->name, IMAGE_DEFAULT_NAME) == 0 ? NULL : b->name);
	b->settings = image_path(b->options->image_dir, BUILD_NAME, SETTINGS_FILE);
	if (!b->dir || !b->root || !b->cache || !b->settings)
		return no_memory(b->err);
	return run_steps(b);
}

static void build_finish(struct build *b)
{
	free(b->dir);
	free(b->root);
	free(b->cache);
	free(b->settings);
	plan_finish(&b->plan);
	fd_close(b->lock);
}

int image_build(const struct image_options *options, struct err *err)
{
	struct build b = {
	    .options = options,
	    .name = options->name ? options->name : IMAGE_DEFAULT_NAME,
	    .suite = options->suite ? options->suite : IMAGE_DEFAULT_SUITE,
	    .lock = -1,
	    .err = err,
	};
	int rc = image_name_check(b.name, err);

	if (rc == 0)
		rc = plan_load(&b.plan, options->runtime_dir, b.name, err);
	if (rc == 0)
		rc = recipe_digest(b.recipe, &b.plan, b.suite, err);
	if (rc == 0)
		rc = b.lock = image_lock(options->image_dir, err);
	if (rc >= 0)
		rc = locked_build(&b);
	build_finish(&b);
	return rc;
}

int image_recipe(char out[static 65], const struct image_options *options, struct err *err)
{
	const char *name = options->name ? options->name : IMAGE_DEFAULT_NAME;
	struct plan plan;
	int rc = plan_load(&plan, options->runtime_dir, name, err);

	if (rc < 0)
		return rc;
	rc = recipe_digest(out, &plan, options->suite ? options->suite : IMAGE_DEFAULT_SUITE, err);
	plan_finish(&plan);
	return rc;
}
