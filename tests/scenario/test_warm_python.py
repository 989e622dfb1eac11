# SPDX-License-Identifier: Apache-2.0
"""
Parked Pythons, which import ahead: nasty programs are answered as exec'd ones are, in each profile of the manifest,
and nothing random is shared.
"""

import difflib
import os
import re
import time

from lib import host
from lib.client import wait_until
from lib.scenario import cases
from lib.server import Server

LONG = True

# What makes the engine choose a profile, at the end of a program and without any effect.
PROFILES = {"plain": "", "modules": '\n"""\nimport json\n"""\n', "science": '\n"""\nimport numpy\n"""\n'}
# Programs that do not import what the profile is for see the lists of warning filters and of loaded extensions.
UNLIKE = {"science": {"state of modules", "faulthandler"}}
SEED_RUNS = int(os.environ.get("SANDGLASS_SEED_RUNS", "300"))

PROGRAMS = {
    "what is there at the start": r"""
import sys
print(sorted(globals()), list(globals())[:9], dir(), __name__, __file__, __spec__, __package__, __doc__, __annotations__)
print(type(__loader__), __builtins__, sorted(vars(sys.modules['__main__'])), sorted(dir(__builtins__)))
print(sys.argv, sys.orig_argv, sys.path, sys.flags, sys.executable, sys.prefix, sys._xoptions, sys.warnoptions, sys.platlibdir)
print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.gettrace(), sys.getprofile(), sys.excepthook, sys.displayhook)
print(sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.stdin, sys.stdout, sys.stderr, sys.dont_write_bytecode)
print(sys.stdout.line_buffering, sys.stdout.write_through, sys.stdin.buffer.raw, sys.stdout.buffer.raw, sys.get_int_max_str_digits())
print(sys.path_hooks, sys.pycache_prefix, hasattr(sys, 'ps1'), hasattr(sys, 'last_exc'), sys.unraisablehook, sys.breakpointhook)
print([m for m in sys.meta_path if 'Six' not in repr(m)], sys.exc_info(), sys.getswitchinterval(), sys.get_asyncgen_hooks())
""",
    "the process": r"""
import os, sys, signal, threading, resource
print(os.getcwd(), dict(os.environ), os.environb == {k.encode(): v.encode() for k, v in os.environ.items()}, os.getpid(), os.getppid())
print(sorted(os.listdir('/proc/self/fd')), [os.readlink(f'/proc/self/fd/{n}')[:5] for n in range(3)], os.listdir('/proc/self/task') == [str(os.getpid())])
print([signal.getsignal(n) for n in range(1, 65) if n not in (32, 33)], signal.pthread_sigmask(0, []), os.umask(0o22), os.nice(0))
print([t.name for t in threading.enumerate()], threading.main_thread() is threading.current_thread(), threading.active_count(), threading.stack_size())
print([resource.getrlimit(n) for n in range(16)], open('/proc/self/comm').read(), open('/proc/self/cmdline').read(), open('/proc/self/environ').read().rstrip('\0'))
print([l for l in open('/proc/self/status') if l.startswith(('Sig', 'Shd', 'Cap', 'NoNew', 'Seccomp', 'Umask', 'Threads', 'Groups'))])
print(sorted(os.listdir('/work')), sorted(os.listdir('/home')), sorted(os.listdir('/tmp')), os.getpgrp() == os.getpid(), os.sched_getaffinity(0))
print(os.get_blocking(0), os.get_inheritable(0), os.get_inheritable(1), os.isatty(0), os.stat(0).st_mode, os.times().children_user)
""",
    "state of modules": r"""
import locale, warnings, gc, atexit, logging, decimal, socket, tempfile, sys, asyncio, multiprocessing, codecs, os
print(locale.getlocale(), locale.setlocale(locale.LC_ALL), locale.localeconv()['decimal_point'], gc.isenabled(), gc.get_threshold(), gc.callbacks, gc.garbage)
print([f for f in warnings.filters if f[0] != 'ignore' or f[2] is not Warning or True][-6:], decimal.getcontext(), socket.getdefaulttimeout(), tempfile.tempdir)
print(logging.root.handlers, logging.root.level, logging.raiseExceptions, logging.Logger.manager.disable, asyncio._get_running_loop())
print(multiprocessing.current_process(), multiprocessing.active_children(), multiprocessing.get_start_method(allow_none=True), multiprocessing.parent_process())
r = logging.makeLogRecord({}); r = logging.LogRecord('a', 10, 'p', 1, 'm', (), None); print(r.relativeCreated < 60000, r.process, r.threadName, r.processName)
print(os.path.exists('__pycache__'), sys.getrefcount(object()), sys.intern('a') is 'a')
""",
    "a traceback": "def f(x):\n    return x / 0\n\n\ndef g():\n    f(\n        1)\n\n\ng()\n",
    "chained exceptions, notes, a group": r"""
import traceback
try:
    try:
        {}['a']
    except KeyError as e:
        e.add_note('a note\nof two lines')
        raise ValueError('b') from e
except ValueError:
    traceback.print_exc()
def f():
    raise ExceptionGroup('g', [OSError(2, 'no'), ExceptionGroup('h', [TypeError('é')])])
f()
""",
    "a wrong name": "import math\nvalue = 1\nprint(valeu)\n",
    "a wrong attribute": "import math\nprint(math.sqr(4))\n",
    "a module of the library that was not imported": "print(json.dumps(1))\n",
    "nothing to import": "import nonesuch\n",
    "a syntax error": "print('before')\nx = (1,\nprint(2\n",
    "an indentation error": "if 1:\nprint(2)\n",
    "bad encoding": "# coding: nonesuch\nprint(1)\n",
    "latin-1": "# coding: latin-1\nprint(len('\u00e9'))\n",
    "nothing at all": "",
    "a byte order mark": "\ufeffprint(__doc__)\n",
    "a null byte": "print(1)\0\n",
    "a docstring and a future": '"""doc"""\nfrom __future__ import annotations\nx: int = 3\nprint(__doc__, __annotations__)\n',
    "exit by number": "import sys\nsys.exit(7)\n",
    "exit by text": "import sys\nsys.exit('as text é')\n",
    "exit by object": "import sys\nsys.exit([1, 2])\n",
    "exit by None": "raise SystemExit\n",
    "exit, big": "import sys\nsys.exit(1 << 70)\n",
    "exit, negative": "import sys\nprint('x', end='')\nsys.exit(-1)\n",
    "exit in a finally": "import sys\ntry:\n    sys.exit(3)\nfinally:\n    print('finally')\n    raise KeyError(1)\n",
    "quit": "quit(5)\n",
    "os._exit": "import os, atexit\natexit.register(print, 'never')\nprint('lost')\nos.write(1, b'kept\\n')\nos._exit(9)\n",
    "abort": "import os\nprint('flushed', flush=True)\nos.abort()\n",
    "the interrupt": "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n",
    "a signal": "import os, signal, time\nprint('x', flush=True)\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(3)\n",
    "handlers": r"""
import signal, os, time
def h(n, f): print('handler', n, f.f_lineno, f.f_code.co_name)
for s in (signal.SIGUSR1, signal.SIGINT, signal.SIGALRM, signal.SIGCHLD): signal.signal(s, h)
os.kill(os.getpid(), signal.SIGUSR1)
signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.2)
os.system('exit 3'); signal.raise_signal(signal.SIGINT)
""",
    "a closed pipe": "import os, sys\nos.close(1)\nprint('x')\n",
    "a full stdout": "import sys\nsys.stdout = open('/dev/full', 'w')\nprint('x')\n",
    "stdout that fails at the end": "import os\nf = os.open('/dev/full', os.O_WRONLY)\nos.dup2(f, 1)\nprint('x')\n",
    "stdout gone": "import sys\nsys.stdout.close()\n",
    "no stderr": "import sys\nsys.stderr = None\n1/0\n",
    "atexit": r"""
import atexit, sys, threading, time
@atexit.register
def first(): print('first', 'threading' in sys.modules, sys.modules['__main__'].__name__)
@atexit.register
def second():
    import json, colorsys
    print('second', json.dumps(1), colorsys.__name__)
    atexit.register(print, 'registered late')
    raise ValueError('in atexit')
atexit.register(sys.exit, 4)
def late():
    time.sleep(0.1); print('thread is done')
threading.Thread(target=late).start()
print('end of main')
""",
    "atexit cleared": "import atexit\natexit.register(print, 'no')\natexit._clear()\nprint('x')\n",
    "finalisers": r"""
import weakref, sys, gc
class A:
    def __init__(self, n): self.n = n
    def __del__(self): print('del', self.n, sys is not None, json.dumps([self.n]))
import json
a = A('global'); b = [A('in a list')]; c = A('cycle'); c.me = c
class B: kept = A('of a class')
def f(x=A('default')): return f
r = weakref.ref(a, lambda w: print('weakref of a'))
g = weakref.finalize(B, print, 'finalize')
def gen():
    try: yield 1
    finally: print('generator closed')
it = gen(); next(it)
_hidden = A('underscore'); sys.mine = A('in sys'); import builtins; builtins.mine = A('in builtins')
print('end')
""",
    "finalisers in modules that were there": r"""
import os, io, sys, builtins, codecs
class A:
    def __init__(self, n): self.n = n
    def __del__(self): print('del', self.n, os is not None and os.sep, sys.getdefaultencoding()); import stat; print(stat.S_IFDIR)
os.mine = A('in os'); io.mine = [A('in io')]; codecs.mine = A('in codecs')
os.sep = '/'; f = open('/tmp/y', 'w'); f.write('kept'); io.f = f
""",
    "thread-locals and contexts": r"""
import threading, contextvars
class A:
    def __init__(self, n): self.n = n
    def __del__(self): print('del', self.n)
t = threading.local(); t.a = A('local')
v = contextvars.ContextVar('v'); v.set(A('context'))
""",
    "threads that nobody waits for": r"""
import threading, time, _thread
def run():
    while True: print(end=''); time.sleep(0)
for i in range(3): threading.Thread(target=run, daemon=True).start()
_thread.start_new_thread(time.sleep, (9,))
time.sleep(0.05); print('end')
""",
    "forks that end": r"""
import os, sys, atexit
atexit.register(lambda: print('atexit', os.getpid() == parent))
parent = os.getpid()
print('before', flush=True)
if os.fork() == 0:
    if os.fork() == 0: raise SystemExit(7)
    print('inner', os.wait()[1] >> 8); sys.exit('with text')
print('outer', os.wait()[1] >> 8)
sys.exit(3)
""",
    "a second interpreter": r"""
try: import _interpreters as i
except ImportError: import _xxsubinterpreters as i
n = i.create(); i.exec(n, 'print("inside", flush=True)') if hasattr(i, 'exec') else i.run_string(n, 'print("inside", flush=True)')
print('end')
""",
    "hooks of the end": r"""
import sys, os
class W:
    def __init__(self, f): self.f = f
    def write(self, x): return self.f.write(x.upper())
    def flush(self): os.write(2, b'flushed\n'); self.f.flush()
sys.stdout = W(sys.stdout); print('wrapped')
sys.unraisablehook = lambda u: os.write(2, b'unraisable\n')
class D:
    def __del__(self): print('late'); 1/0
d = D()
""",
    "a stream that fails at the end": r"""
import sys
class W:
    def write(self, x): return len(x)
    def flush(self): raise OSError('cannot')
sys.stdout = W(); print('x')
""",
    "finalisers that fail": r"""
class A:
    def __del__(self): raise ValueError('unraisable')
a = A()
A(); print('after')
class C:
    def __del__(self): print(open, __name__, A)
c = C()
""",
    "a module of the request at the end": ("import mod\nprint(mod)\n", {
        "mod.py": "class D:\n    def __del__(self): print('del in', __name__, D)\nd = D()\nprint(__file__, __spec__.origin, __cached__)\n"}),
    "files left open": "f = open('/tmp/x', 'w')\nf.write('kept')\nimport atexit, os\natexit.register(lambda: print(os.path.getsize('/tmp/x')))\n",
    "threads": r"""
import threading, time, sys, concurrent.futures
with concurrent.futures.ThreadPoolExecutor(3) as pool: print(sorted(pool.map(lambda x: x * x, range(5))))
t = threading.local(); t.x = 1
def boom(): raise RuntimeError('in a thread')
x = threading.Thread(target=boom, name='T'); x.start(); x.join()
threading.excepthook = lambda a: print('hook', a.exc_type.__name__)
x = threading.Thread(target=boom); x.start(); x.join()
def run():
    while True: time.sleep(0.01)
threading.Thread(target=run, daemon=True).start()
threading.Timer(0.05, print, ['timer']).start()
pool = concurrent.futures.ThreadPoolExecutor(1); pool.submit(time.sleep, 0.05)
print(threading.current_thread().name, threading.active_count() >= 2)
""",
    "processes": r"""
import multiprocessing as mp, subprocess, sys, os
def f(x): return x * x, mp.current_process().name, __name__
def g(q): q.put(sorted(k for k in globals() if not k.startswith('_')))
if __name__ == '__main__':
    for way in ('fork', 'spawn', 'forkserver'):
        c = mp.get_context(way)
        with c.Pool(1) as pool: print(way, pool.map(f, [1, 2]))
        q = c.Queue(); p = c.Process(target=g, args=(q,)); p.start(); print(q.get()); p.join(); print(p.exitcode)
    print(subprocess.run([sys.executable, '-c', 'import sys; print(len(sys.argv), "json" in sys.modules, sys.flags.isolated); sys.exit(3)']))
    print(subprocess.run('echo $0; cat', shell=True, input=b'in', capture_output=True), subprocess.getstatusoutput('exit 4'))
    sys.stdout.flush(); pid = os.fork()
    if pid == 0: print('child'); sys.exit(5)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
""",
    "another program in its place": r"""
import os, sys
with open('/tmp/y.py', 'w') as o: o.write('import sys, os; print(sys.argv, __file__, dict(os.environ), sys.path)')
print('before', flush=True); os.execv(sys.executable, [sys.executable, '/tmp/y.py', 'a'])
""",
    "processes without a guard": "import multiprocessing as mp\nmp.set_start_method('spawn')\np = mp.Process(target=print)\np.start(); p.join(); print(p.exitcode)\n",
    "a process pool left open": "import concurrent.futures as c\np = c.ProcessPoolExecutor(1)\nprint(p.submit(abs, -3).result())\n",
    "stdin": "import sys\nprint(input('ask '), sys.stdin.readline(), sys.stdin.fileno(), sys.stdin.buffer.peek(3)[:3])\nfor l in sys.stdin: print(repr(l))\ninput()\n",
    "recursion": r"""
import sys
def f(n): return f(n + 1)
try: f(0)
except RecursionError as e: print(e)
def depth(n=0):
    try: return depth(n + 1)
    except RecursionError: return n
print(depth()); sys.setrecursionlimit(3000); print(depth())
class R:
    def __repr__(self): return repr(self)
try: repr(R())
except RecursionError as e: print(e)
f(0)
""",
    "frames": r"""
import inspect, sys
print([(f.function, f.lineno, f.filename, f.code_context) for f in inspect.stack()], sys._getframe().f_back, inspect.getsource(sys.modules['__main__'])[:20])
def f(): return sys._getframe(1).f_lineno, inspect.currentframe().f_back.f_code.co_filename, inspect.getmodule(inspect.currentframe())
print(f(), inspect.getsource(f), f.__module__, f.__code__.co_filename, f.__globals__ is globals())
def tracer(f, e, a): print(e, f.f_code.co_name); return tracer
sys.settrace(tracer); f(); sys.settrace(None)
import traceback; traceback.print_stack(); sys.setprofile(None)
""",
    "faulthandler": "import faulthandler, sys\nprint(faulthandler.is_enabled())\nfaulthandler.enable()\ndef f(): faulthandler._sigsegv()\nsys.stdout.flush()\nf()\n",
    "faulthandler, of threads": "import faulthandler, sys\nsys.stdout.flush()\nfaulthandler.dump_traceback(sys.stdout)\nfaulthandler.dump_traceback_later(0.05, exit=True)\nimport time; time.sleep(2)\n",
    "tracemalloc": "import tracemalloc\nprint(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())\ntracemalloc.start()\nx = bytearray(1000000)\nprint(tracemalloc.get_traced_memory()[0] // 1000000, tracemalloc.get_object_traceback(x))\n",
    "warnings": r"""
import warnings, ast
warnings.warn('one'); warnings.warn('dep', DeprecationWarning); warnings.warn('imp', ImportWarning)
for i in range(2): warnings.warn('twice')
def f(): warnings.warn('level', stacklevel=2)
f()
print('a' is 'a', '\d')
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always'); warnings.warn('x'); print(w[0].filename, w[0].lineno)
warnings.simplefilter('error'); warnings.warn('last')
""",
    "resources left open": "import sys, warnings\nwarnings.simplefilter('always')\nf = open('/dev/null')\ndel f\nimport socket\ns = socket.socket()\nimport asyncio\nl = asyncio.new_event_loop()\n",
    "asyncio": r"""
import asyncio
async def f(n):
    await asyncio.sleep(0.01 * n); return n
async def main():
    print(await asyncio.gather(f(2), f(1)), asyncio.current_task().get_name())
    t = asyncio.create_task(f(9)); t.add_done_callback(lambda t: print('cancelled', t.cancelled()))
    async def bad(): raise ValueError('never retrieved')
    asyncio.create_task(bad()); await asyncio.sleep(0)
asyncio.run(main(), debug=False)
async def never(): pass
never()
""",
    "a module of that name in the request": ("import random\nprint(random.mine, random.__file__)\nimport json\n", {"random.py": "mine = 1\n"}),
    "a package of that name in the request": ("import json\nprint(json.mine, json.__path__)\n", {"json/__init__.py": "mine = 1\n"}),
    "a directory of that name in the request": ("import json\nprint(json.dumps(1), open('json/a').read())\n", {"json/a": "data"}),
    "numpy in the request": ("import numpy\nprint(numpy.mine)\n", {"numpy.py": "mine = 1\n"}),
    "what a module of the library would like to have": ("import copy, pickle\nprint(copy.PyStringMap)\n", {"org/__init__.py": "", "org/python/__init__.py": "", "org/python/core.py": "class PyStringMap: pass\n"}),
    "a module of the library replaced beneath": ("import tempfile\nprint(tempfile._Random)\n", {"random.py": "from random import *\nRandom = 1\n"}),
    "modules of the request": ("import a.b, c\nfrom a import d\nprint(a.b.x, c.__name__, d, a.__path__, sys)\n", {"a/__init__.py": "", "a/b.py": "x = __name__\n", "a/d.py": "import sys\n", "c.py": "from sys import path\nprint(path)\n"}),
    "code at hand": "import code, codeop, runpy, pkgutil, importlib\nexec(compile('1/0', 'made', 'exec'))\n",
    "run as another": ("import runpy\nprint(sorted(runpy.run_path('o.py', run_name='__main__')))\n", {"o.py": "import sys\nprint(__name__, sys.argv, __spec__)\n"}),
    "pickles": "import pickle\nclass P: pass\nprint(pickle.dumps(P), pickle.loads(pickle.dumps(P())).__class__)\n",
    "dataclasses, enums": "import dataclasses, enum, typing\n@dataclasses.dataclass\nclass D:\n    x: int = 3\nclass E(enum.Enum):\n    A = enum.auto()\nprint(D(), E.A, D.__module__, typing.get_type_hints(D))\n",
    "unittest": "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(1, 2)\n    def test_b(self): self.skipTest('x')\nunittest.TextTestRunner(verbosity=2, stream=open('/dev/null', 'w')).run(unittest.TestLoader().loadTestsFromTestCase(T))\nunittest.main(argv=['x', '-q', '--durations', '0'], exit=False) if 0 else print(unittest.util)\n",
    "doctest": '"""\n>>> 1 + 1\n3\n"""\nimport doctest\nprint(doctest.testmod())\n',
    "logging": "import logging\nlogging.basicConfig(format='%(name)s %(levelname)s %(message)s %(pathname)s:%(lineno)d %(funcName)s')\nlogging.warning('w')\ntry: 1/0\nexcept Exception: logging.exception('e')\nlogging.getLogger('a.b').error('x')\nclass H(logging.Handler):\n    def emit(self, r): print('emit', r.msg)\n    def close(self): print('closed')\nlogging.root.addHandler(H())\n",
    "argparse": "import argparse\nargparse.ArgumentParser(description='d').parse_args(['--nope'])\n",
    "temporary things": "import tempfile, os\nd = tempfile.TemporaryDirectory(); f = tempfile.NamedTemporaryFile(); print(os.path.dirname(d.name), os.path.exists(f.name), tempfile.gettempdir())\nimport atexit\natexit.register(lambda: print(len(os.listdir('/tmp'))))\n",
    "memory that is not there": "x = []\ntry:\n    x = bytearray(1 << 62)\nexcept MemoryError as e: print('MemoryError', e)\n",
    "a hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[1])\nsys.displayhook(3)\n1/0\n",
    "a hook that fails": "import sys\ndef h(*a): raise KeyError('in the hook')\nsys.excepthook = h\n1/0\n",
    "audit": "import sys\nsys.addaudithook(lambda e, a: print('audit', e) if e in ('open', 'import') and 'zz' in str(a) else None)\ntry: import zz\nexcept ImportError as e: print(e)\n",
    "modules taken away": "import sys, json\nsys.modules.clear()\nprint('x')\n",
    "builtins changed": "import builtins\nbuiltins.print = None\nbuiltins.__import__ = lambda *a: 1 / 0\nimport os\n",
    "garbage": "import gc\ngc.set_debug(gc.DEBUG_SAVEALL)\nclass A: pass\na = A(); a.a = a; del a\ngc.collect()\nprint([type(g).__name__ for g in gc.garbage][:3])\ngc.set_debug(0)\ngc.freeze(); gc.unfreeze()\nprint(gc.collect() < 100000)\n",
    "ctypes": "import ctypes\nlibc = ctypes.CDLL(None)\nprint(libc.getpid(), ctypes.pythonapi.Py_IsInitialized())\nctypes.string_at(0)\n",
    "sqlite": "import sqlite3\nc = sqlite3.connect(':memory:')\nprint(c.execute('select 1+1').fetchall(), sqlite3.threadsafety)\nc.execute('nonsense')\n",
    "contexts": "import decimal, contextvars\nv = contextvars.ContextVar('v', default=1)\nv.set(2)\nprint(v.get(), decimal.getcontext().prec, len(contextvars.copy_context()))\ndecimal.Decimal(1) / 0\n",
}

SCIENCE = {
    "filters and hooks": "import numpy, pandas, matplotlib.pyplot\nimport warnings, sys, signal, atexit\nprint(warnings.filters, sys.excepthook, signal.getsignal(2), sorted(__import__('os').listdir('/home')))\n",
    "numpy alone": "import numpy as np\nnp.random.seed(3)\nprint(np.random.rand(3), np.random.default_rng(4).random(2), np.get_printoptions(), np.geterr(), np.array([1, 2]) / 0, np.__config__.show())\n",
    "pandas": "import pandas as pd, numpy as np\nd = pd.DataFrame({'a': [1, 2, 2], 'b': list('xyz'), 'c': pd.date_range('2020', periods=3)})\nprint(d, d.dtypes, d.groupby('a').size(), d.to_csv(), d.describe())\nd['a'][0] = 9\nprint(pd.get_option('display.max_rows'), pd.options.mode.copy_on_write)\nd['no']\n",
    "the state of pyplot": "import matplotlib, matplotlib.pyplot as plt\nprint(matplotlib.get_backend(), plt.get_fignums(), plt.isinteractive(), matplotlib.rcParams == matplotlib.rcParamsDefault, plt.style.library.keys())\nprint({k: v for k, v in matplotlib.rcParams.items() if v != matplotlib.rcParamsDefault[k]}, plt.figure().number, plt.rcParams['backend'])\n",
    "a plot": "import hashlib, io, matplotlib.pyplot as plt, numpy as np\nx = np.linspace(0, 7, 99)\nfor i in range(2):\n    plt.plot(x, np.sin(x + i), label=f'$\\\\alpha_{i}$'); plt.legend(); plt.title('é')\nb = io.BytesIO(); plt.savefig(b); print(hashlib.sha256(b.getvalue()).hexdigest())\nplt.savefig('/tmp/x.svg', metadata={'Date': None}); plt.savefig('/tmp/x.pdf', metadata={'CreationDate': None}); print(len(open('/tmp/x.pdf', 'rb').read()))\n",
    "settings in the request": ("import matplotlib.pyplot as plt\nprint(plt.rcParams['lines.linewidth'], __import__('matplotlib').matplotlib_fname())\n", {"matplotlibrc": "lines.linewidth: 7\n"}),
    "scipy on top": "import scipy.stats as s, scipy.optimize as o\nprint(s.norm.cdf(1), o.brentq(lambda x: x * x - 2, 0, 2))\n",
    "at the end": "import numpy as np, pandas as pd, atexit\nclass A:\n    def __del__(self): print('del', np.zeros(2), pd.Series([1]).sum())\na = A(); s = pd.Series([A()]); o = np.array([A()], dtype=object)\natexit.register(print, 'atexit')\nprint('end')\n",
    "an error in it": "import numpy as np\nnp.zeros(2) @ np.zeros(3)\n",
    "a process": "import numpy as np, multiprocessing as mp\ndef f(x): return float(np.sqrt(x))\nif __name__ == '__main__':\n    for way in 'fork', 'spawn':\n        with mp.get_context(way).Pool(1) as p: print(p.map(f, [4, 9]))\n",
}

SEEDS = r"""import random, uuid, secrets, tempfile, os, hashlib
print(random.random()); print(random.getrandbits(64)); print(uuid.uuid4()); print(secrets.token_hex(8)); print(tempfile.mkstemp()[1])
print(random.SystemRandom().random()); print(random.Random().random()); print(os.urandom(8))
"""
SEEDS_SCIENCE = "import numpy as np\n" + SEEDS + "print(np.random.rand()); print(np.random.default_rng().random()); print(np.random.RandomState().rand())\n"


def _request(program, profile):
    text, others = program if isinstance(program, tuple) else (program, {})
    files = [{"name": "main.py", "content": text + PROFILES[profile]}]
    files += [{"name": name, "content": content} for name, content in others.items()]
    return {"files": files, "stdin": "line 1\nline 2\nline 3 é\nlast"}


def _without_chance(value):
    """Addresses and names that are never the same."""
    return re.sub(r"0x[0-9a-f]{8,}|/mp-\w{8}", "...", value) if isinstance(value, str) else value


def _result(server, request):
    times = {"id", "wall_time_ms", "cpu_time_ms", "memory_peak_bytes", "time_ms", "memory_kb", "duration", "run"}
    result = server.run("python", **request)
    return {name: _without_chance(value) for name, value in result.items() if name not in times}


def _cpu(server):
    """Of the processes in jails; those that prepare themselves use it."""
    return {pid: host.cpu_ticks(pid) for pid in server.user_processes() if host.is_alive(pid)}


def _prepared(server, parked):
    """Waits until so many interpreters stand parked and have done all that they do ahead."""
    wait_until(lambda: sum("main.py" in host.command_line(p) for p in server.user_processes()) >= parked, within=60)
    before = None
    while before != (before := _cpu(server)):
        time.sleep(0.3)  # it rests while the machine is busy


def _answer(server, program, profile, setting):
    """By a parked interpreter, unless they are off; now and then the profile's is not there yet."""
    for _ in range(10):
        if setting != "off":
            _prepared(server, 3)
        before = server.metrics()["sandglass_runs_warm_total"]
        result = _result(server, _request(program, profile))
        if server.metrics()["sandglass_runs_warm_total"] == before + (setting != "off"):
            return result
    raise AssertionError(f"warm is {setting}: {program}")


def _answers(programs, profile, setting):
    with Server({"warm": setting, "slots_ready": 1}) as server:
        for program in programs.values():
            yield _answer(server, program, profile, setting)


def _compare(programs, profile):
    execd, parked = list(_answers(programs, profile, "off")), list(_answers(programs, profile, "full"))
    faults = [_difference(f"{name}: {key}", one.get(key), other.get(key))
              for name, one, other in zip(programs, execd, parked) for key in sorted(one) if one.get(key) != other.get(key)]
    assert not faults, "\n".join(faults)


def _difference(what, execd, parked):
    lines = difflib.ndiff(*(re.split(r"\n|(?<=,) ", str(text)) for text in (execd, parked)))
    return "\n  ".join([what, *(line for line in lines if line[0] in "+-")])


@cases(*PROFILES)
def a_prepared_python_answers_as_an_execd_one(profile):
    _compare({name: program for name, program in PROGRAMS.items() if name not in UNLIKE.get(profile, ())}, profile)


def what_only_the_interpreter_itself_refers_to_is_left_to_the_kernel():
    """The one difference (docs/runtimes.md, Warm starts); it shows that the rest of the interpreter is not taken apart."""
    program = """
import codecs, os
class A:
    def __del__(self, write=os.write): write(1, b'del of what a codec refers to')
def search(name, a=A()): return None
codecs.register(search)
"""
    execd, parked = (list(_answers({"codec": program}, "plain", setting))[0] for setting in ("off", "full"))
    assert (execd["stdout"], parked["stdout"]) == ("del of what a codec refers to", ""), (execd, parked)


def libraries_that_were_imported_ahead_behave_as_ever():
    _compare(SCIENCE, "science")


@cases(("modules", SEEDS, SEED_RUNS), ("science", SEEDS_SCIENCE, SEED_RUNS // 10))
def nothing_random_comes_twice(profile, program, runs):
    seen = []
    with Server({"warm": "full", "slots_ready": 4}) as server:
        for _ in range(runs):
            result = server.run("python", program)
            assert result["status"] == "ok", result
            seen += [line for line in result["stdout"].splitlines() if not line.startswith("<")]
            if profile == "science":
                _prepared(server, 3)
        assert server.metrics()["sandglass_runs_warm_total"] > runs // 3
    assert len(seen) == len(set(seen)), [line for line in seen if seen.count(line) > 1][:9]
