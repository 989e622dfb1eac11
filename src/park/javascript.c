/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preparing Node.js: it is stopped in a file system call of its module loader, called from JavaScript, in
 * which V8 may be entered again. The text is run as a script by V8's own functions, which the program
 * exports; where one is missing, nothing is done. One piece, of some milliseconds.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "park/leave.h"
#include "park/prepare.h"
#include "park/v8_random.h"

/* Opaque, and larger than V8's. A Local is one pointer, passed and returned as such. */
struct scope {
	void *words[32];
};

static struct v8 {
	void *(*isolate)(void);
	void *(*context)(void *isolate);
	void (*handles)(struct scope *scope, void *isolate);
	void (*handles_end)(struct scope *scope);
	void (*catching)(struct scope *scope, void *isolate);
	void (*catching_end)(struct scope *scope);
	void *(*string)(void *isolate, const char *text, int type, int len);
	void *(*compile)(void *context, void *string, void *origin);
	void *(*run)(void *script, void *context);
} v8;

struct symbol {
	void *place;
	const char *name; /* Itanium C++ ABI, Mangling */
};

static bool find_symbols(const struct symbol *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		void *symbol = dlsym(RTLD_DEFAULT, rows[i].name);
		if (!symbol)
			return false;
		memcpy(rows[i].place, &symbol, sizeof(symbol));
	}
	return true;
}

static bool find_functions(void)
{
	const struct symbol rows[] = {
	    {&v8.isolate, "_ZN2v87Isolate10GetCurrentEv"},
	    {&v8.context, "_ZN2v87Isolate17GetCurrentContextEv"},
	    {&v8.handles, "_ZN2v811HandleScopeC1EPNS_7IsolateE"},
	    {&v8.handles_end, "_ZN2v811HandleScopeD1Ev"},
	    {&v8.catching, "_ZN2v88TryCatchC1EPNS_7IsolateE"},
	    {&v8.catching_end, "_ZN2v88TryCatchD1Ev"},
	    {&v8.string, "_ZN2v86String11NewFromUtf8EPNS_7IsolateEPKcNS_13NewStringTypeEi"},
	    {&v8.compile, "_ZN2v86Script7CompileENS_5LocalINS_7ContextEEENS1_INS_6StringEEEPNS_12ScriptOriginE"},
	    {&v8.run, "_ZN2v86Script3RunENS_5LocalINS_7ContextEEE"},
	};

	return find_symbols(rows, ARRAY_LEN(rows));
}

static void run(void *isolate, void *context, const char *text)
{
	void *string = v8.string(isolate, text, 0, -1);
	void *script = string ? v8.compile(context, string, NULL) : NULL;

	if (script)
		v8.run(script, context);
}

/* The text as a script of the context that called us. */
static bool enter(const char *text)
{
	struct scope handles, catching;
	void *isolate = v8.isolate();

	if (!isolate)
		return false;
	v8.handles(&handles, isolate);
	v8.catching(&catching, isolate);
	void *context = v8.context(isolate);
	if (context)
		run(isolate, context, text);
	v8.catching_end(&catching);
	v8.handles_end(&handles);
	return context;
}

/*
 * At its end Node.js frees the program's environment, then V8's memory, stops its threads, and destroys what C++ made
 * before main(): milliseconds of which nobody sees anything, once the hooks of the environment have run. Ours is the
 * first that was added, so the last of the program's time: there the freeing is left, and when Run() comes back with the exit code, so
 * is the process. (By process.exit() it ends without freeing anything.)
 */
static struct {
	void (*add_hook)(void *isolate, void (*hook)(void *), void *arg);
	void (*reset_stdio)(void); /* terminals, and flags of descriptors that others share */
	void *free_environment, *run;
} node;

_noreturn_ static void leave(int exit_code)
{
	node.reset_stdio();
	fflush(NULL);
	_exit(exit_code);
}

static void environment_ends(void *unused _unused_)
{
	if (leave_at_return(node.run, leave))
		leave_call(node.free_environment, 0);
}

static void leave_early(void)
{
	const struct symbol rows[] = {
	    {&node.add_hook, "_ZN4node25AddEnvironmentCleanupHookEPN2v87IsolateEPFvPvES3_"},
	    {&node.reset_stdio, "_ZN4node10ResetStdioEv"},
	    {&node.free_environment, "_ZN4node15FreeEnvironmentEPNS_11EnvironmentE"},
	    {&node.run, "_ZN4node16NodeMainInstance3RunEv"},
	};

	if (find_symbols(rows, ARRAY_LEN(rows)))
		node.add_hook(v8.isolate(), environment_ends, NULL);
}

static pid_t known_pid; /* what process.pid says */

static bool begin(const char *text)
{
	known_pid = getpid();
	if (!find_functions() || !enter(text))
		return false;
	leave_early();
	return true;
}

static bool step(void)
{
	return false;
}

/* process.pid is a value, written when Node.js starts: a property like the one that was there. */
static bool renew(void)
{
	static const char format[] = "Object.defineProperty(process, 'pid', {value: %d, writable: false, enumerable: true, "
	                             "configurable: true})";
	char text[sizeof(format) + 16];

	if (getpid() == known_pid)
		return true;
	snprintf(text, sizeof(text), format, getpid());
	if (!v8_random_find(v8.isolate()) || !v8_random_renew() || !enter(text))
		return false;
	known_pid = getpid();
	return true;
}

static void forked(bool in_child)
{
	if (in_child)
		renew();
}

/* A copy that nobody told that it is one is one all the same, and one that could not draw seeds does not run. */
static bool end(void)
{
	return renew();
}

static const char *unfit(bool with_threads _unused_)
{
	return v8_random_find(v8.isolate()) ? NULL : "The generator of V8's random numbers is not found, to give it new seeds.";
}

const struct preparer preparer_javascript = {.begin = begin, .step = step, .end = end, .forked = forked, .unfit = unfit};
