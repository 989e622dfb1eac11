/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Perl opens its program before it has set itself up, and reads it first when it is about to parse
 * (perl.c: S_parse_body): there it is stopped. Meanwhile it may load modules, as `use Module ()` at
 * the beginning of the program would, which Perl allows wherever it reads source text (perlfilter).
 * The preparation is a list of modules, a name a line, '#' for comments. No name of theirs is
 * imported, so that a program sees of them what %INC shows.
 *
 * Modules that call eval of a text while they are loaded move the number in "(eval 1)", which
 * messages show: such ones belong only into the profiles of programs that would load them
 * themselves.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "park/late.h"
#include "park/prepare.h"

#define NO_IMPORT 2u  /* PERL_LOADMOD_NOIMPORT of perl.h */
#define CREATE	  1   /* GV_ADD of gv.h */
#define MAGIC	  2u  /* SV_GMAGIC of sv.h */
#define NAME_MOST 128 /* of a module, with its directories */

/* Of perlapi, looked up by name: this library is loaded into other interpreters as well. All take
 * the interpreter first. */
static struct {
	void (*Perl_load_module)(void *perl, unsigned flags, void *name, void *version, ...);
	void *(*Perl_newSVpv)(void *perl, const char *text, size_t len);
	void *(*Perl_get_av)(void *perl, const char *name, int flags);
	ssize_t (*Perl_av_len)(void *perl, void *av);
	void **(*Perl_av_fetch)(void *perl, void *av, ssize_t at, int lvalue);
	char *(*Perl_sv_2pv_flags)(void *perl, void *sv, size_t *len, unsigned flags);
	void *(*Perl_get_sv)(void *perl, const char *name, int flags);
	void (*Perl_sv_setiv_mg)(void *perl, void *sv, ssize_t value);
	pthread_key_t *PL_thr_key; /* whose value is the interpreter; not there if perl was built
				      without threads */
} api;

static void *perl;
static char *modules, *rest; /* rest: NULL at the end */

static bool find_api(void)
{
	const struct {
		void *place;
		const char *name;
	} rows[] = {
#define ROW(name) {&api.name, #name}
	    ROW(Perl_load_module),  ROW(Perl_newSVpv),	ROW(Perl_get_av),
	    ROW(Perl_av_len),	    ROW(Perl_av_fetch), ROW(Perl_get_sv),
	    ROW(Perl_sv_2pv_flags), ROW(PL_thr_key),	ROW(Perl_sv_setiv_mg),
#undef ROW
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!(*(void **)rows[i].place = dlsym(RTLD_DEFAULT, rows[i].name)))
			return false;
	perl = pthread_getspecific(*api.PL_thr_key);
	return perl;
}

/* "List::Util" as "List/Util.pm"; false: it is no name of a module. */
static bool file_of(const char *module, char file[NAME_MOST])
{
	size_t len = 0;

	for (; *module && len + sizeof("/.pm") < NAME_MOST; module++) {
		if (module[0] == ':' && module[1] == ':')
			module++;
		file[len++] = *module;
		if (*module == ':')
			file[len - 1] = '/';
	}
	memcpy(file + len, ".pm", sizeof(".pm"));
	return len && !*module;
}

/* In a directory of @INC. To load one that is not there would end the interpreter. */
static bool is_there(const char *module)
{
	char file[NAME_MOST], path[PATH_MAX];
	void *inc = api.Perl_get_av(perl, "INC", 0);
	ssize_t last = inc && file_of(module, file) ? api.Perl_av_len(perl, inc) : -1;

	for (ssize_t i = 0; i <= last; i++) {
		size_t len;
		void **directory = api.Perl_av_fetch(perl, inc, i, 0);
		snprintf(path, sizeof(path), "%s/%s",
			 directory ? api.Perl_sv_2pv_flags(perl, *directory, &len, MAGIC) : "",
			 file);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

static bool begin(const char *text)
{
	rest = modules = perl ? strdup(text) : NULL;
	return modules;
}

static bool step(void)
{
	char *module = strsep(&rest, "\n");

	if (!module)
		return false;
	module[strcspn(module, "# ")] = '\0';
	if (*module && is_there(module))
		api.Perl_load_module(perl, NO_IMPORT, api.Perl_newSVpv(perl, module, 0), NULL);
	return true;
}

/* A module of the request's may have the name of one that was loaded, in any directory of its. */
static bool has_modules(const char *directory)
{
	DIR *entries = opendir(directory);
	bool found = !entries;

	for (struct dirent *entry; !found && (entry = readdir(entries));) {
		size_t len = strlen(entry->d_name);
		bool is_dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
		found = !is_dots && (entry->d_type != DT_REG ||
				     (len > 3 && strcmp(entry->d_name + len - 3, ".pm") == 0));
	}
	if (entries)
		closedir(entries);
	return found;
}

static bool end(void)
{
	free(modules);
	return !has_modules(".");
}

const struct preparer preparer_perl = {begin, step, end};

/* $^T */
static void begins_now(void)
{
	api.Perl_sv_setiv_mg(perl, api.Perl_get_sv(perl, "\024", CREATE), (ssize_t)time(NULL));
}

__attribute__((visibility("default"))) ssize_t read(int fd, void *data, size_t size)
{
	static ssize_t (*next)(int, void *, size_t);
	int saved = errno; /* $! begins with it */

	if (!next)
		next = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	if (late_is_waiting() && late_is(fd) && find_api()) {
		late_take_run(fd, O_RDONLY | O_CLOEXEC);
		begins_now();
	}
	errno = saved;
	return next(fd, data, size);
}
