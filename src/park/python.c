/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preparing CPython. It is stopped inside of os.stat(), in which it has let go of its lock, so that its
 * API can be entered as from any foreign thread. The text defines two functions in a namespace of its own:
 * `step()` does a piece and says whether more is left, `start()` says whether the run that has come may
 * go on. The namespace stays referenced from here, so that nothing of it goes away at exit.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "park/leave.h"
#include "park/prepare.h"

#define PY_FILE_INPUT 257 /* Py_file_input: a module's text */
#define METH_NOARGS   4

/* PyMethodDef of the stable ABI. */
struct method {
	const char *name;
	void *(*call)(void *self, void *args);
	int flags;
	const char *doc;
};

/* Of Python's stable API, looked up by name: this library is loaded into other interpreters as well. */
static struct {
	int (*PyGILState_Ensure)(void);
	void (*PyGILState_Release)(int state);
	void *(*PyDict_New)(void);
	int (*PyDict_SetItemString)(void *dict, const char *key, void *value);
	void *(*PyDict_GetItemString)(void *dict, const char *key); /* borrowed */
	void *(*PyEval_GetBuiltins)(void);                          /* borrowed */
	void *(*PyImport_AddModule)(const char *name);              /* borrowed */
	void *(*PyModule_GetDict)(void *module);                    /* borrowed */
	void (*PyObject_GC_UnTrack)(void *object);
	void (*PyObject_GC_Track)(void *object);
	void *(*Py_CompileString)(const char *text, const char *file, int start);
	void *(*PyEval_EvalCode)(void *code, void *globals, void *locals);
	void *(*PyObject_CallObject)(void *callable, void *args);
	int (*PyObject_IsTrue)(void *object);
	void (*Py_DecRef)(void *object);
	void (*Py_IncRef)(void *object);
	void *(*PyCFunction_NewEx)(struct method *method, void *self, void *module);
	int (*Py_FinalizeEx)(void);
	void *_Py_NoneStruct; /* the object itself */
	void (*PyErr_Clear)(void);
	void (*PyOS_BeforeFork)(void);
	void (*PyOS_AfterFork_Parent)(void);
	void (*PyOS_AfterFork_Child)(void);
} py;

static void *globals;

static bool find_api(void)
{
	const struct {
		void *place;
		const char *name;
	} rows[] = {
#define ROW(name) {&py.name, #name}
	    ROW(PyGILState_Ensure),    ROW(PyGILState_Release),   ROW(PyDict_New),
	    ROW(PyDict_SetItemString), ROW(PyDict_GetItemString), ROW(PyEval_GetBuiltins),
	    ROW(Py_CompileString),     ROW(PyEval_EvalCode),      ROW(PyObject_CallObject),
	    ROW(PyObject_IsTrue),      ROW(Py_DecRef),            ROW(PyErr_Clear),
	    ROW(PyImport_AddModule),   ROW(PyModule_GetDict),     ROW(PyObject_GC_UnTrack),
	    ROW(PyObject_GC_Track),    ROW(PyOS_BeforeFork),      ROW(PyOS_AfterFork_Parent),
	    ROW(PyOS_AfterFork_Child), ROW(Py_IncRef),            ROW(PyCFunction_NewEx),
	    ROW(Py_FinalizeEx),        ROW(_Py_NoneStruct),
#undef ROW
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!(*(void **)rows[i].place = dlsym(RTLD_DEFAULT, rows[i].name)))
			return false;
	return true;
}

/* Gives up the reference. */
static bool is_true(void *object)
{
	bool yes = object && py.PyObject_IsTrue(object) > 0;

	py.Py_DecRef(object); /* NULL is allowed */
	py.PyErr_Clear();
	return yes;
}

/*
 * Called when all of the program's has been finalised, and what is left is the interpreter's own memory: Py_FinalizeEx()
 * returns, what called it knows the exit code. Returns only if that cannot be done; then it goes on to its end.
 * A second interpreter in the process would be told about.
 */
static void *finish(void *self _unused_, void *args _unused_)
{
	void *(*head)(void) = (void *(*)(void))dlsym(RTLD_DEFAULT, "PyInterpreterState_Head");
	void *(*next)(void *) = (void *(*)(void *))dlsym(RTLD_DEFAULT, "PyInterpreterState_Next");

	if (head && next && !next(head()))
		leave_call((const void *)(uintptr_t)py.Py_FinalizeEx, 0);
	py.Py_IncRef(py._Py_NoneStruct);
	return py._Py_NoneStruct;
}

static bool set(const char *name, void *object)
{
	bool good = object && py.PyDict_SetItemString(globals, name, object) == 0;

	py.Py_DecRef(object);
	return good;
}

static bool make_globals(void)
{
	static struct method method = {"finish", finish, METH_NOARGS, NULL};

	globals = py.PyDict_New();
	return globals && py.PyDict_SetItemString(globals, "__builtins__", py.PyEval_GetBuiltins()) == 0 &&
	       set(method.name, py.PyCFunction_NewEx(&method, NULL, NULL));
}

static bool evaluate(const char *text)
{
	void *code = py.Py_CompileString(text, "<sandglass>", PY_FILE_INPUT);
	void *result = NULL;

	if (code && make_globals())
		result = py.PyEval_EvalCode(code, globals, globals);
	py.Py_DecRef(code);
	py.Py_DecRef(result);
	py.PyErr_Clear();
	return result;
}

static bool call(const char *name)
{
	void *callable = py.PyDict_GetItemString(globals, name);

	return is_true(callable ? py.PyObject_CallObject(callable, NULL) : NULL);
}

/*
 * gc.freeze() takes all that is there out of the collector's sight, and with it what only that refers to.
 * The program's own namespace is to stay in it: at exit it is as a rule part of a cycle.
 */
static void thaw_main(void)
{
	void *module = py.PyImport_AddModule("__main__");
	void *const objects[] = {module, module ? py.PyModule_GetDict(module) : NULL};

	for (size_t i = 0; module && i < ARRAY_LEN(objects); i++) {
		py.PyObject_GC_UnTrack(objects[i]);
		py.PyObject_GC_Track(objects[i]);
	}
}

static bool begin(const char *text)
{
	if (!find_api())
		return false;
	int state = py.PyGILState_Ensure();
	bool good = evaluate(text);
	py.PyGILState_Release(state);
	return good;
}

static bool step(void)
{
	int state = py.PyGILState_Ensure();
	bool more = call("step");
	py.PyGILState_Release(state);
	return more;
}

static bool end(void)
{
	int state = py.PyGILState_Ensure();
	bool may_go_on = call("start");
	thaw_main();
	py.PyGILState_Release(state);
	return may_go_on;
}

/* As os.fork() does; what random modules of the library need is among it (os.register_at_fork). */
static int fork_state;

static void before_fork(void)
{
	fork_state = py.PyGILState_Ensure();
	py.PyOS_BeforeFork();
}

static void forked(bool in_child)
{
	if (in_child) {
		py.PyOS_AfterFork_Child();
		call("forked");
	} else {
		py.PyOS_AfterFork_Parent();
	}
	py.PyGILState_Release(fork_state);
}

/* A child of os.fork() takes all threads but its own for gone. */
static const char *unfit(bool with_threads)
{
	return with_threads ? "It has more than one thread, or has opened something that its children would share." : NULL;
}

const struct preparer preparer_python = {begin, step, end, before_fork, forked, unfit};
