/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linker that rustc starts as `cc`: rustc looks in its own bin directory before it looks in
 * PATH, and `prepare` puts this there. It gives to mold what GCC would give to ld: mold links
 * the standard library in a fourth of the time, and the GCC driver with collect2 costs some
 * milliseconds of its own.
 * All that it does not know, and all that mold does not like, goes to /usr/bin/cc with the same
 * words, so that what rustc says is about that one.
 *
 * Where nobody asks for debugging information, that of the standard library is left out, as Cargo
 * does it for profiles without: it is 20 times the program, and only says in which of its own lines
 * a backtrace has passed. Who wants lines in backtraces says so by -g. There are copies of the
 * library without it, and without what only rustc reads: mold reads half as much then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Given by `prepare`: MULTIARCH (x86_64-linux-gnu), GCC_LIB, where crtbegin.o is, RUST_LIB, where
 * the standard library is, and LEAN_LIB, where its copies are. */
#define LIB	  "/usr/lib/" MULTIARCH "/"
#define WORDS_MAX 1024

extern char **environ;

struct words {
	char *items[WORDS_MAX];
	unsigned count;
};

struct link {
	struct words words;
	const char *out;
	bool pie, no_default_libraries, debug;
};

/* What GCC puts before and behind the words of rustc (gcc -###), with the plug-in for LTO left out.
 */
static char *const before[] = {
    "mold",
    "--no-fork",
    "--thread-count=1",
    "--build-id",
    "--eh-frame-hdr",
    "-m",
    "elf_x86_64",
    "--hash-style=gnu",
    "--as-needed",
    "-dynamic-linker",
    "/lib64/ld-linux-x86-64.so.2",
    "-pie",
    LIB "Scrt1.o",
    LIB "crti.o",
    GCC_LIB "/crtbeginS.o",
    "-L" GCC_LIB,
    "-L" LIB,
    "-L/lib/" MULTIARCH,
    "-L/lib",
    "-L/usr/lib",
    NULL,
};
static char *const behind[] = {GCC_LIB "/crtendS.o", LIB "crtn.o", NULL};

static bool add(struct words *words, char *word)
{
	if (words->count == WORDS_MAX - 1)
		return false;
	words->items[words->count++] = word;
	return true;
}

static bool add_all(struct words *words, char *const *list)
{
	for (; *list; list++)
		if (!add(words, *list))
			return false;
	return true;
}

/* -Wl,a,b */
static bool add_for_linker(struct words *words, const char *list)
{
	char *copy = strdup(list), *rest = copy, *word;
	bool fine = copy;

	while (fine && (word = strsep(&rest, ",")))
		fine = add(words, word);
	return fine;
}

static bool starts_with(const char *word, const char *prefix)
{
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *word, const char *suffix)
{
	size_t len = strlen(word), suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(word + len - suffix_len, suffix) == 0;
}

/* Whether there is a section of that name, or anything that looks like it. */
static bool has_debug_info(const char *path)
{
	static const char name[] = ".debug_info";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool found = true;

	if (fd < 0)
		return true;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		found = data == MAP_FAILED || memmem(data, (size_t)st.st_size, name, sizeof(name));
	}
	close(fd);
	return found;
}

/* One word of rustc's, or two. */
static bool take(struct link *link, char ***word)
{
	char *text = **word;

	if (strcmp(text, "-m64") == 0)
		return true;
	if (strcmp(text, "-pie") == 0)
		return link->pie = true;
	if (strcmp(text, "-nodefaultlibs") == 0)
		return link->no_default_libraries = true;
	if (starts_with(text, "-Wl,"))
		return add_for_linker(&link->words, text + 4);
	if ((strcmp(text, "-L") == 0 || strcmp(text, "-o") == 0) && (*word)[1]) {
		if (text[1] == 'o')
			link->out = (*word)[1];
		++*word;
		return add(&link->words, text) && add(&link->words, **word);
	}
	if (starts_with(text, "-l") && text[2])
		return add(&link->words, text);
	if (text[0] == '-' || text[0] == '@' ||
	    !(ends_with(text, ".o") || ends_with(text, ".rlib")))
		return false;
	/* a program's own objects; those of the library are in archives */
	link->debug = link->debug || (ends_with(text, ".o") && has_debug_info(text));
	return add(&link->words, text);
}

/* The copy, if there is one. */
static bool make_lean(char **word)
{
	static const char full[] = RUST_LIB "/";
	char *lean = NULL;

	if (!starts_with(*word, full) || !ends_with(*word, ".rlib"))
		return true;
	if (asprintf(&lean, LEAN_LIB "/%s", *word + sizeof(full) - 1) < 0)
		return false;
	if (access(lean, R_OK) == 0)
		*word = lean;
	return true;
}

static bool leave_debug_out(struct words *words)
{
	for (unsigned i = 0; i < words->count; i++)
		if (!make_lean(&words->items[i]))
			return false;
	return add(words, "--strip-debug");
}

static bool understand(struct link *link, char **argv)
{
	if (!add_all(&link->words, before))
		return false;
	for (char **word = argv + 1; *word; word++)
		if (!take(link, &word))
			return false;
	if (!link->debug && !leave_debug_out(&link->words))
		return false;
	return link->out && link->pie && link->no_default_libraries &&
	       add_all(&link->words, behind);
}

/* Variables by which GCC or the loader would do something else. */
static bool environment_is_plain(void)
{
	static const char *const prefixes[] = {
	    "GCC_", "COLLECT_", "COMPILER_PATH=", "LIBRARY_PATH=", "LD", "MOLD_"};

	for (char **entry = environ; *entry; entry++)
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
			if (starts_with(*entry, prefixes[i]))
				return false;
	return true;
}

static bool link_quietly(struct link *link)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int status = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, "/usr/bin/mold", &actions, NULL, link->words.items, environ) != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

int main(int argc, char **argv)
{
	static struct link link;

	(void)argc;
	if (understand(&link, argv) && environment_is_plain()) {
		if (link_quietly(&link))
			return 0;
		unlink(link.out);
	}
	/* GCC finds its parts from where it is, and that by its name and PATH, where we are */
	argv[0] = "/usr/bin/cc";
	execv(argv[0], argv);
	return 127;
}
