/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile COMPILER ARGUMENT...: does what the command would do (gcc or g++, compiling and linking),
 * sooner. It starts the compiler proper, the assembler and the linker itself, with the arguments
 * that the GCC driver would give them: the first two at the same time, and the linker with stubs of
 * the shared libraries (stub.h).
 *
 * Whatever it does not know, and whatever goes wrong but for errors in the program that the
 * compiler proper has reported, is left to COMPILER: of what that writes to standard error, as much
 * is left out as has been written already. `prepare` compares with COMPILER's own -###, for every
 * flag of the manifest, what is given to the tools.
 *
 * compile --show COMPILER ARGUMENT...: prints the commands that COMPILER would run, or nothing if
 * it has to do it. compile --flags, compile --headers: prints the flags that it knows, and which
 * headers of C++ are to be precompiled. parked --must COMPILER ARGUMENT...: fails if it cannot do
 * ahead what it does ahead.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "headers.h"
#include "stub.h"
#include "tools.h"

/* Given by `prepare`: MULTIARCH (x86_64-linux-gnu), GCC_LIBEXEC and GCC_LIB, where cc1 and
 * crtbegin.o are, PLACE, where we are, and PARKED, whether this is the one to be parked. */
#define LIB	    GCC_LIB "/../../../" MULTIARCH "/"
#define WORK_PREFIX "/tmp/.compile-"
#define WORDS_MAX   512
#define SOURCES_MAX 128
#define COMMAND_MAX 384 /* words; with them each tool has fewer than WORDS_MAX */

#define NO_USE 3 /* exit status */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

extern char **environ;

struct words {
	const char *items[WORDS_MAX];
	unsigned count;
};

/* In the order in which the GCC driver hands them to the compiler proper (gcc -dumpspecs,
 * cc1_options). */
enum group {
	GROUP_DEFINE,
	GROUP_MACHINE,
	GROUP_DEBUG,
	GROUP_OPTIMISE,
	GROUP_WARN,
	GROUP_QUIET,
	GROUP_STANDARD,
	GROUP_FEATURE,
	GROUPS,
};

struct compilation {
	int asm_pair[2], err_pair[2], quiet_pair[2];
	struct tool compiler, assembler;
};

#define COMPILATION_NONE                                                                           \
	{                                                                                          \
		{-1, -1}, {-1, -1}, {-1, -1}, TOOL_NONE, TOOL_NONE                                 \
	}
static const struct compilation compilation_none = COMPILATION_NONE;

struct link {
	int quiet_pair[2];
	struct tool linker;
};

struct command {
	char **plain; /* the command itself */
	bool cxx, pthread, math;
	const char *out;
	struct words groups[GROUPS];
	const char *sources[SOURCES_MAX];
	unsigned source_count;
	char object_names[SOURCES_MAX][64];
	char dir[32];			/* of temporary files, its name ends with '/' */
	size_t told;			/* bytes that went to standard error */
	bool must;			/* what was started ahead is to be of use */
	struct compilation compilation; /* of the first source, and */
	struct link link;		/* the link, while they wait */
};

static void add(struct words *words, const char *word)
{
	/* the last place is the NULL behind the last word */
	if (words->count < WORDS_MAX - 1)
		words->items[words->count++] = word;
}

static void add_all(struct words *words, ...)
{
	va_list list;

	va_start(list, words);
	for (const char *word; (word = va_arg(list, const char *));)
		add(words, word);
	va_end(list);
}

static const char *text(const char *format, ...)
{
	char *out = NULL;
	va_list list;

	va_start(list, format);
	if (vasprintf(&out, format, list) < 0)
		abort();
	va_end(list);
	return out;
}

/* --- what the command asks for --- */

/* What is not here is not known: -static, -march=native, -fsanitize=, -fopenmp and -Ofast change
 * what is linked. */
static const struct {
	const char *name;
	enum group group;
} known_flags[] = {
    {"-D_GNU_SOURCE", GROUP_DEFINE},
    {"-DNDEBUG", GROUP_DEFINE},
    {"-DDEBUG", GROUP_DEFINE},
    {"-m64", GROUP_MACHINE},
    {"-g", GROUP_DEBUG},
    {"-O0", GROUP_OPTIMISE},
    {"-O1", GROUP_OPTIMISE},
    {"-O2", GROUP_OPTIMISE},
    {"-O3", GROUP_OPTIMISE},
    {"-Os", GROUP_OPTIMISE},
    {"-Og", GROUP_OPTIMISE},
    {"-Wall", GROUP_WARN},
    {"-Wextra", GROUP_WARN},
    {"-Werror", GROUP_WARN},
    {"-Wpedantic", GROUP_WARN},
    {"-pedantic-errors", GROUP_WARN},
    {"-Wshadow", GROUP_WARN},
    {"-Wconversion", GROUP_WARN},
    {"-w", GROUP_QUIET},
    {"-ansi", GROUP_STANDARD},
    {"-std=c90", GROUP_STANDARD},
    {"-std=c99", GROUP_STANDARD},
    {"-std=c11", GROUP_STANDARD},
    {"-std=c17", GROUP_STANDARD},
    {"-std=c23", GROUP_STANDARD},
    {"-std=gnu90", GROUP_STANDARD},
    {"-std=gnu99", GROUP_STANDARD},
    {"-std=gnu11", GROUP_STANDARD},
    {"-std=gnu17", GROUP_STANDARD},
    {"-std=gnu23", GROUP_STANDARD},
    {"-std=c++98", GROUP_STANDARD},
    {"-std=c++11", GROUP_STANDARD},
    {"-std=c++14", GROUP_STANDARD},
    {"-std=c++17", GROUP_STANDARD},
    {"-std=c++20", GROUP_STANDARD},
    {"-std=c++23", GROUP_STANDARD},
    {"-std=c++26", GROUP_STANDARD},
    {"-std=gnu++98", GROUP_STANDARD},
    {"-std=gnu++11", GROUP_STANDARD},
    {"-std=gnu++14", GROUP_STANDARD},
    {"-std=gnu++17", GROUP_STANDARD},
    {"-std=gnu++20", GROUP_STANDARD},
    {"-std=gnu++23", GROUP_STANDARD},
    {"-std=gnu++26", GROUP_STANDARD},
    {"-fno-omit-frame-pointer", GROUP_FEATURE},
    {"-fwrapv", GROUP_FEATURE},
    {"-ftrapv", GROUP_FEATURE},
    {"-fno-exceptions", GROUP_FEATURE},
    {"-fno-rtti", GROUP_FEATURE},
};

/* Names that the driver hands on as others. */
static const char *const other_names[][2] = {
    {"-pedantic", "-Wpedantic"},  {"-std=c89", "-std=c90"},	{"-std=gnu89", "-std=gnu90"},
    {"-std=c18", "-std=c17"},	  {"-std=gnu18", "-std=gnu17"}, {"-std=c2x", "-std=c23"},
    {"-std=gnu2x", "-std=gnu23"}, {"-std=c++03", "-std=c++98"},
};

static const char *canonical(const char *flag)
{
	for (size_t i = 0; i < COUNT(other_names); i++)
		if (strcmp(flag, other_names[i][0]) == 0)
			return other_names[i][1];
	return flag;
}

/* The driver drops a warning or feature that is given again, or that a later one is the opposite
 * of. */
static bool may_be_dropped(const struct words *group, const char *flag)
{
	static const char *const opposites[] = {"-fwrapv", "-ftrapv"};

	for (unsigned i = 0; i < group->count; i++) {
		if (strcmp(group->items[i], flag) == 0)
			return true;
		for (int k = 0; k < 2; k++)
			if (strcmp(opposites[k], flag) == 0 &&
			    strcmp(opposites[!k], group->items[i]) == 0)
				return true;
	}
	return false;
}

static bool take_into(struct command *c, enum group number, const char *flag)
{
	struct words *group = &c->groups[number];
	bool pruned = number == GROUP_WARN || number == GROUP_FEATURE || number == GROUP_MACHINE;

	if (pruned && may_be_dropped(group, flag))
		return false;
	add(group, flag);
	return true;
}

static bool take_flag(struct command *c, const char *flag)
{
	const char *name = canonical(flag);

	for (size_t i = 0; i < COUNT(known_flags); i++)
		if (strcmp(name, known_flags[i].name) == 0)
			return take_into(c, known_flags[i].group, name);
	return false;
}

static const char *suffix_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');

	return dot ? dot : "";
}

static bool take_source(struct command *c, const char *path)
{
	static const char *const cxx_suffixes[] = {".cpp", ".cc", ".cxx", ".c++", ".C", NULL};
	static const char *const c_suffixes[] = {".c", NULL};
	const char *const *known = c->cxx ? cxx_suffixes : c_suffixes;

	/* one name for all of a file; ones that begin with a dot are their own suffix */
	if (path[0] == '@' || c->source_count == SOURCES_MAX)
		return false;
	for (; *known; known++)
		if (strcmp(suffix_of(path), *known) == 0 && strlen(path) > strlen(*known)) {
			c->sources[c->source_count++] = path;
			return true;
		}
	return false;
}

static bool take(struct command *c, char **word)
{
	if (word[0][0] != '-')
		return take_source(c, *word);
	if (strcmp(*word, "-pthread") == 0)
		return c->pthread = true;
	if (strcmp(*word, "-lm") == 0)
		return c->math = c->source_count > 0;
	return take_flag(c, *word);
}

static bool understand(struct command *c, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	c->plain = argv;
	c->cxx = name && strcmp(name, "/g++") == 0;
	for (char **word = &argv[1]; *word; word++) {
		if (strcmp(*word, "-o") == 0 && word[1] && word[1][0] != '-' && !c->out)
			c->out = *++word;
		else if (!take(c, word))
			return false;
	}
	return c->out && !strchr(c->out, '/') && !strchr(c->out, '.') && c->source_count > 0 &&
	       c->pthread && c->math == !c->cxx;
}

/* Variables by which the driver, the linker or the loader would do something else; cc1 sees its own
 * as ever. */
static bool environment_is_plain(void)
{
	static const char *const prefixes[] = {
	    "GCC_", "COLLECT_",	       "COMPILER_PATH=", "LIBRARY_PATH=", "LD",	       "GNUTARGET=",
	    "LTO_", "GLIBC_TUNABLES=", "MALLOC_",	 "LOCPATH=",	  "LANGUAGE=", "LC_"};
	const char *path = getenv("PATH");

	for (char **entry = environ; *entry; entry++)
		for (size_t i = 0; i < COUNT(prefixes); i++)
			if (strncmp(*entry, prefixes[i], strlen(prefixes[i])) == 0)
				return false;
	/* the driver finds `as` by it */
	return path && strcmp(path, "/usr/local/bin:/usr/bin:/bin") == 0;
}

/* --- the commands of the GCC driver --- */

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What the names of dumps begin with, unless the one source is named like the program. */
static bool has_dump_prefix(const struct command *c)
{
	const char *name = file_name(c->sources[0]);
	size_t base = strlen(name) - strlen(suffix_of(name));

	return c->source_count > 1 || strlen(c->out) != base || strncmp(name, c->out, base) != 0;
}

static void compiler_words(const struct command *c, struct words *w, unsigned source,
			   const char *out)
{
	const char *path = c->sources[source];

	add_all(w, c->cxx ? GCC_LIBEXEC "/cc1plus" : GCC_LIBEXEC "/cc1", "-quiet", "-imultiarch",
		MULTIARCH, NULL);
	if (c->cxx)
		add(w, "-D_GNU_SOURCE");
	add(w, "-D_REENTRANT");
	for (unsigned i = 0; i < c->groups[GROUP_DEFINE].count; i++)
		add_all(w, "-D", c->groups[GROUP_DEFINE].items[i] + 2, NULL);
	add_all(w, path, "-quiet", NULL);
	if (has_dump_prefix(c))
		add_all(w, "-dumpdir", text("%s-", c->out), NULL);
	add_all(w, "-dumpbase", file_name(path), "-dumpbase-ext", suffix_of(path), NULL);
	for (unsigned group = GROUP_MACHINE; group < GROUPS; group++) {
		for (unsigned i = 0; i < c->groups[group].count; i++)
			add(w, c->groups[group].items[i]);
		if (group == GROUP_MACHINE)
			add_all(w, "-mtune=generic", "-march=x86-64", NULL);
	}
	add_all(w, "-foffload-options=-l_GCC_m", "-fasynchronous-unwind-tables", "-o", out, NULL);
}

static void assembler_words(const struct command *c, struct words *w, const char *object)
{
	add(w, "as");
	if (c->groups[GROUP_QUIET].count)
		add(w, "-W");
	if (c->groups[GROUP_DEBUG].count)
		add(w, "--gdwarf-5");
	add_all(w, "--64", "-o", object, NULL);
}

static void linker_begin(const struct command *c, struct words *w)
{
	add_all(w, "--build-id", "--eh-frame-hdr", "-m", "elf_x86_64", "--hash-style=gnu",
		"--as-needed", "-dynamic-linker", "/lib64/ld-linux-x86-64.so.2", "-pie", "-o",
		c->out, LIB "Scrt1.o", LIB "crti.o", GCC_LIB "/crtbeginS.o", NULL);
}

static const char *const c_libraries[] = {
    "-lm", "-lgcc", "--push-state", "--as-needed", "-lgcc_s", "--pop-state", "-lpthread",
    "-lc", "-lgcc", "--push-state", "--as-needed", "-lgcc_s", "--pop-state", NULL};
static const char *const cxx_libraries[] = {"-lstdc++", "-lm",	   "-lgcc_s", "-lgcc", "-lpthread",
					    "-lc",	"-lgcc_s", "-lgcc",   NULL};

static const char *const *libraries(const struct command *c)
{
	return c->cxx ? cxx_libraries : c_libraries;
}

static void linker_end(struct words *w)
{
	add_all(w, GCC_LIB "/crtendS.o", LIB "crtn.o", NULL);
}

static void linker_words(const struct command *c, struct words *w)
{
	add(w, "collect2");
	linker_begin(c, w);
	for (unsigned i = 0; i < c->source_count; i++)
		add(w, "OBJECT");
	for (const char *const *word = libraries(c); *word; word++)
		add(w, *word);
	linker_end(w);
}

static void show_words(const struct words *w)
{
	for (unsigned i = 0; i < w->count; i++)
		printf("%s%c", w->items[i], i + 1 < w->count ? ' ' : '\n');
}

static int show(const struct command *c)
{
	for (unsigned i = 0; i < c->source_count; i++) {
		struct words compiler = {.count = 0}, assembler = {.count = 0};
		compiler_words(c, &compiler, i, "ASSEMBLY");
		assembler_words(c, &assembler, "OBJECT");
		add(&assembler, "ASSEMBLY");
		show_words(&compiler);
		show_words(&assembler);
	}
	struct words linker = {.count = 0};
	linker_words(c, &linker);
	show_words(&linker);
	return 0;
}

/* --- the command itself --- */

/* Of what there was before there was a program nothing waits any more, and temporary files are
 * gone. */
static void clear_away(struct command *c)
{
	static const char *const names[] = {"libc.so.6", "libm.so.6", "libgcc_s.so.1",
					    "libstdc++.so.6"};
	char path[128];

	tool_kill(&c->compilation.compiler);
	tool_kill(&c->compilation.assembler);
	tool_kill(&c->link.linker);
	if (!c->dir[0])
		return;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s%s", c->dir, names[i]);
		unlink(path);
	}
	for (unsigned i = 0; i < c->source_count; i++)
		unlink(c->object_names[i]);
	rmdir(c->dir);
}

static _Noreturn void plainly(struct command *c)
{
	int pair[2];

	clear_away(c);
	if (c->told == 0 || pipe2(pair, O_CLOEXEC) < 0) {
		execv(c->plain[0], c->plain);
		_exit(127);
	}
	const int fds[3] = {-1, -1, pair[1]};
	struct tool plain = tool_start(c->plain[0], (const char *const *)c->plain, fds, NULL);
	close(pair[1]);
	forward(pair[0], c->told);
	int status = tool_wait(&plain);
	if (WIFSIGNALED(status))
		raise(WTERMSIG(status));
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* --- compiling --- */

static bool open_pipes(struct compilation *p)
{
	if (pipe2(p->asm_pair, O_CLOEXEC) < 0)
		return false;
	if (pipe2(p->err_pair, O_CLOEXEC) == 0) {
		if (pipe2(p->quiet_pair, O_CLOEXEC) == 0)
			return true;
		close_pair(p->err_pair);
	}
	close_pair(p->asm_pair);
	return false;
}

/*
 * headers: what to include first, or NULL. awaited: as for tool_start(), of the compiler; the
 * assembler waits for what it is to read anyway.
 */
static bool start_both(const struct command *c, struct compilation *p, unsigned source,
		       const char *headers, const char *awaited)
{
	struct words compiler = {.count = 0}, assembler = {.count = 0};

	*p = compilation_none;
	if (!open_pipes(p))
		return false;
	compiler_words(c, &compiler, source, "-");
	if (headers)
		add_all(&compiler, "-include", headers, "-Winvalid-pch", NULL);
	const int compiler_fds[3] = {-1, p->asm_pair[1], p->err_pair[1]},
		  assembler_fds[3] = {p->asm_pair[0], p->quiet_pair[1], p->quiet_pair[1]};
	assembler_words(c, &assembler, c->object_names[source]);
	p->compiler = tool_start(compiler.items[0], compiler.items, compiler_fds, awaited);
	p->assembler = tool_start("/usr/bin/as", assembler.items, assembler_fds, NULL);
	close_pair(p->asm_pair);
	close(p->err_pair[1]);
	close(p->quiet_pair[1]);
	return p->compiler.pid > 0 && p->assembler.pid > 0;
}

/* What was started ahead. */
static bool go_on(struct command *c, struct compilation *p, const char *headers)
{
	*p = c->compilation;
	c->compilation = compilation_none;
	if (p->compiler.pid < 0)
		return false;
	if (tool_limit(&p->assembler) && tool_go(&p->compiler, headers ? headers : ""))
		return true;
	if (c->must)
		_exit(NO_USE);
	tool_kill(&p->compiler);
	tool_kill(&p->assembler);
	close(p->err_pair[0]);
	close(p->quiet_pair[0]);
	return false;
}

/* With precompiled headers; false: they do not fit, and nothing has happened. */
static bool compile_with(struct command *c, unsigned source, const char *headers)
{
	struct compilation p;

	bool started = go_on(c, &p, headers) || start_both(c, &p, source, headers, NULL);
	/* what it says could name other places than without: it is asked again, without */
	bool silent = started && is_silent(p.err_pair[0]);
	if (!silent)
		tool_kill(&p.compiler);
	bool compiled = tool_wait(&p.compiler) == 0,
	     assembled = started && is_silent(p.quiet_pair[0]);
	bool fine = tool_wait(&p.assembler) == 0 && compiled && assembled && silent;
	close(p.err_pair[0]);
	close(p.quiet_pair[0]);
	return fine;
}

/* 0, 1 if the program has errors; goes to `plainly` for everything else. */
static int compile_plain(struct command *c, unsigned source)
{
	struct compilation p;

	bool started = go_on(c, &p, NULL) || start_both(c, &p, source, NULL, NULL);
	if (started)
		c->told += forward(p.err_pair[0], 0);
	int status = tool_wait(&p.compiler);
	bool silent = started && is_silent(p.quiet_pair[0]);
	bool assembled = tool_wait(&p.assembler) == 0;
	close(p.err_pair[0]);
	close(p.quiet_pair[0]);
	if (!started || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		plainly(c);
	/* what is left behind of a program with errors is not for the assembler */
	if (WEXITSTATUS(status) == 1)
		return 1;
	if (!assembled || !silent)
		plainly(c);
	return 0;
}

/* Precompiled headers are of the manifest's command without flags; the compiler itself looks
 * whether macros and the like agree. Debugging information would show them. */
static bool may_have_headers(const struct command *c)
{
	const struct words *optimise = &c->groups[GROUP_OPTIMISE],
			   *standard = &c->groups[GROUP_STANDARD];
	static const char *const paths[] = {"CPATH", "CPLUS_INCLUDE_PATH", "C_INCLUDE_PATH"};

	for (size_t i = 0; i < COUNT(paths); i++)
		if (getenv(paths[i]))
			return false;
	for (unsigned i = 0; i < optimise->count; i++)
		if (strcmp(optimise->items[i], "-O2") != 0)
			return false;
	for (unsigned i = 0; i < standard->count; i++)
		if (strcmp(standard->items[i], "-std=gnu++20") != 0)
			return false;
	return c->cxx && optimise->count && standard->count && !c->groups[GROUP_DEBUG].count &&
	       !c->groups[GROUP_MACHINE].count && !c->groups[GROUP_FEATURE].count;
}

static int compile_all(struct command *c)
{
	int status = 0;

	for (unsigned i = 0; i < c->source_count; i++) {
		const char *headers = may_have_headers(c) ? headers_for(c->sources[i]) : NULL;
		if (!headers || !compile_with(c, i, headers))
			status |= compile_plain(c, i);
	}
	return status;
}

/* --- linking --- */

/* Of what the linker takes from libc_nonshared.a and libgcc.a. */
static const char *const names_of_archives[] = {"__cxa_atexit",
						"__cxa_at_quick_exit",
						"__register_atfork",
						"abort",
						"memcpy",
						"memset",
						"malloc",
						"free",
						"strlen",
						"dl_iterate_phdr",
						"pthread_once",
						"pthread_key_create",
						"pthread_getspecific",
						"pthread_setspecific",
						"pthread_mutex_lock",
						"pthread_mutex_unlock"};

static bool all_names(struct names *names, const struct command *c)
{
	static const char *const always[] = {LIB "Scrt1.o", LIB "crti.o", GCC_LIB "/crtbeginS.o",
					     GCC_LIB "/crtendS.o", LIB "crtn.o"};
	bool fine = true;

	for (size_t i = 0; fine && i < COUNT(always); i++)
		fine = names_of_object(names, always[i]);
	for (unsigned i = 0; fine && i < c->source_count; i++)
		fine = names_of_object(names, c->object_names[i]);
	for (size_t i = 0; fine && i < COUNT(names_of_archives); i++)
		fine = names_add(names, names_of_archives[i]);
	return fine;
}

/* What an -l stands for: stubs of the shared library, and an archive that is taken as it is. */
struct library {
	const char *option, *shared, *archive;
};

/* libpthread.a is empty since glibc 2.34. libc and libgcc_s are linker scripts that name the
 * archive behind the library. */
static const struct library known_libraries[] = {
    {"-lstdc++", "/usr/lib/" MULTIARCH "/libstdc++.so.6", NULL},
    {"-lm", "/lib/" MULTIARCH "/libm.so.6", NULL},
    {"-lgcc_s", "/lib/" MULTIARCH "/libgcc_s.so.1", GCC_LIB "/libgcc.a"},
    {"-lc", "/lib/" MULTIARCH "/libc.so.6", "/usr/lib/" MULTIARCH "/libc_nonshared.a"},
    {"-lgcc", NULL, GCC_LIB "/libgcc.a"},
    {"-lpthread", NULL, NULL},
};

static bool is_linked(const struct command *c, const struct library *lib)
{
	for (const char *const *word = libraries(c); *word; word++)
		if (strcmp(*word, lib->option) == 0)
			return true;
	return false;
}

static bool write_stubs(const struct command *c, const struct names *names)
{
	for (size_t i = 0; i < COUNT(known_libraries); i++) {
		const struct library *lib = &known_libraries[i];
		if (lib->shared && is_linked(c, lib) &&
		    !stub_write(text("%s%s", c->dir, file_name(lib->shared)), lib->shared, names))
			return false;
	}
	return true;
}

static void add_library(const struct command *c, struct words *w, const char *option)
{
	for (size_t i = 0; i < COUNT(known_libraries); i++) {
		const struct library *lib = &known_libraries[i];
		if (strcmp(option, lib->option) != 0)
			continue;
		if (lib->shared && lib->archive)
			add(w, "--start-group");
		if (lib->shared)
			add(w, text("%s%s", c->dir, file_name(lib->shared)));
		if (lib->archive)
			add(w, lib->archive);
		if (lib->shared && lib->archive)
			add(w, "--end-group");
		return;
	}
	add(w, option);
}

static bool start_link(const struct command *c, struct link *link, const char *awaited)
{
	struct words w = {.count = 0};

	if (pipe2(link->quiet_pair, O_CLOEXEC) < 0)
		return false;
	add(&w, "ld");
	linker_begin(c, &w);
	for (unsigned i = 0; i < c->source_count; i++)
		add(&w, c->object_names[i]);
	for (const char *const *word = libraries(c); *word; word++)
		add_library(c, &w, *word);
	linker_end(&w);
	const int fds[3] = {-1, link->quiet_pair[1], link->quiet_pair[1]};
	link->linker = tool_start("/usr/bin/ld", w.items, fds, awaited);
	close(link->quiet_pair[1]);
	return true;
}

static bool go_on_linking(struct command *c, struct link *link)
{
	*link = c->link;
	c->link.linker = tool_none;
	if (link->linker.pid < 0)
		return false;
	if (tool_go(&link->linker, ""))
		return true;
	if (c->must)
		_exit(NO_USE);
	tool_kill(&link->linker);
	close(link->quiet_pair[0]);
	return false;
}

static bool link_all(struct command *c)
{
	struct names names = {.count = 0};
	struct link link;

	if (!all_names(&names, c) || !write_stubs(c, &names) ||
	    (!go_on_linking(c, &link) && !start_link(c, &link, NULL)))
		return false;
	bool silent = is_silent(link.quiet_pair[0]);
	close(link.quiet_pair[0]);
	return tool_wait(&link.linker) == 0 && silent;
}

/* --- all of it --- */

/*
 * In a process that is parked (docs/runtimes.md): what does not depend on the program is done
 * before there is one. The first look at its file is where such a process is stopped until it is
 * there.
 */
static void begin_ahead(struct command *c)
{
	if (!PARKED || c->source_count > 1)
		return;
	start_both(c, &c->compilation, 0, c->cxx ? HEADERS_AHEAD : NULL, c->sources[0]);
	start_link(c, &c->link, c->out);
	access(c->sources[0], F_OK);
}

static int drive(struct command *c)
{
	char dir[] = WORK_PREFIX "XXXXXX";

	if (!mkdtemp(dir))
		plainly(c);
	snprintf(c->dir, sizeof(c->dir), "%s/", dir);
	for (unsigned i = 0; i < c->source_count; i++)
		snprintf(c->object_names[i], sizeof(c->object_names[i]), "%s%u.o", c->dir, i);
	begin_ahead(c);
	int status = compile_all(c);
	if (status == 0 && !link_all(c)) {
		/* as without it: where there is an error, there is no program */
		unlink(c->out);
		plainly(c);
	}
	clear_away(c);
	return status;
}

static int show_flags(void)
{
	for (size_t i = 0; i < COUNT(known_flags); i++)
		puts(known_flags[i].name);
	for (size_t i = 0; i < COUNT(other_names); i++)
		puts(other_names[i][0]);
	return 0;
}

int main(int argc, char **argv)
{
	static struct command c = {.compilation = COMPILATION_NONE, .link.linker = TOOL_NONE};
	bool only_show = argc > 2 && strcmp(argv[1], "--show") == 0;

	c.must = PARKED && argc > 2 && strcmp(argv[1], "--must") == 0;
	if (argc == 2 && strcmp(argv[1], "--flags") == 0)
		return show_flags();
	if (argc == 2 && strcmp(argv[1], "--headers") == 0) {
		headers_show();
		return 0;
	}
	if (argc < 2)
		return 2;
	/* what parks a process is loaded into dynamic ones only, which are slower to start */
	if (!PARKED && getenv("SANDGLASS_PARK")) {
		execv(PLACE "/parked", argv);
		return 127;
	}
	bool known = understand(&c, argv + 1 + only_show + c.must) && argc < COMMAND_MAX;
	if (only_show)
		return known ? show(&c) : 0;
	if (!known || !environment_is_plain())
		plainly(&c);
	return drive(&c);
}
