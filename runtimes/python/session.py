# SPDX-License-Identifier: Apache-2.0
# Keeps an interpreter alive between the executes of a session (src/engine/resident_frame.h). It stands in the place of the
# program and takes itself out of sight: what the executes' code finds is a __main__ like that of a plain run.


def session():
    import _ast
    import __future__
    import builtins
    import io
    import json
    import linecache
    import os
    import signal
    import sys
    import traceback

    HEAD, TOKEN, CONTROL = 64, 32, 99  # src/engine/resident_frame.h, src/ipc/payload.h
    PARTS_MAX, VALUES_MAX = 64, 32
    ONLY_AST, TOP_LEVEL_AWAIT, COROUTINE = 0x400, 0x2000, 0x80  # ast.PyCF_*, inspect.CO_COROUTINE
    FUTURES = 0
    for feature in __future__.all_feature_names:
        FUTURES |= getattr(__future__, feature).compiler_flag

    names = sys.modules["__main__"].__dict__
    own_pid = os.getpid()
    running = False       # code of an execute
    features = 0          # what it has from __future__
    cells = set()         # the names that its code has in tracebacks
    loop = None
    shown, room, parts = [], 0, 0

    # --- descriptors: out of the way, closed on exec, and gone in children ---

    def place():
        nonlocal requests, answers, identity
        requests, answers = os.dup(0), os.dup(CONTROL)
        os.close(CONTROL)
        identity = [os.fstat(fd).st_ino for fd in (requests, answers)]

    def drop():
        for fd in (requests, answers):
            try:
                os.close(fd)
            except OSError:
                pass

    def check():
        """The code may have closed them, or have something else in their place: then nobody hears from it again."""
        try:
            if [os.fstat(fd).st_ino for fd in (requests, answers)] == identity:
                return
        except OSError:
            pass
        os._exit(70)

    def read(count):
        pieces = []
        while count:
            piece = os.read(requests, count)
            if not piece:
                os._exit(0)  # there is no server any more
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def write(data):
        data = memoryview(data)
        while data:
            data = data[os.write(answers, data):]

    def place_stdin(data):
        fd = os.memfd_create("stdin") if data else os.open(os.devnull, os.O_RDONLY)
        if data:
            with open(fd, "wb", closefd=False) as file:
                file.write(data)
            os.lseek(fd, 0, os.SEEK_SET)
        os.dup2(fd, 0)
        os.close(fd)
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)

    def flush():
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            try:
                stream.flush()
            except Exception:
                pass

    # --- values, by the display protocol of notebooks ---

    def plain(value):
        return repr(value).encode("utf-8", "backslashreplace")

    def method_of(name, encode):
        def form(value):
            method = getattr(type(value), name, None)
            data = method(value) if callable(method) and not isinstance(value, type) else None
            return None if data is None else encode(data[0] if isinstance(data, tuple) else data)
        return form

    def draw(figure):
        data = io.BytesIO()
        figure.savefig(data, format="png", dpi=100, bbox_inches="tight")
        return data.getvalue()

    def picture(value):
        module = sys.modules.get("matplotlib.figure")
        return draw(value) if module and isinstance(value, module.Figure) else image(value)

    image = method_of("_repr_png_", bytes)
    makers = (
        ("text", plain),
        ("html", method_of("_repr_html_", lambda text: str(text).encode("utf-8", "replace"))),
        ("json", method_of("_repr_json_", lambda data: (data if isinstance(data, str) else json.dumps(data)).encode())),
        ("png", picture),
    )

    def forms_of(value):
        nonlocal room, parts
        forms = []
        for kind, maker in makers:
            try:
                data = maker(value)
            except Exception:
                traceback.print_exc()
                continue
            if data is None:
                continue
            if len(data) > room or parts == PARTS_MAX:
                print(f"sandglass: a value of {len(data)} bytes is too large to be shown", file=sys.stderr)
                continue
            room -= len(data)
            parts += 1
            forms.append((kind, data))
        return forms

    def display(*values):
        """Shows values beside that of the last expression, in every form that they have."""
        for value in values:
            if len(shown) < VALUES_MAX:
                shown.append(forms_of(value))

    def show_figures(but):
        """Those of pyplot that were left open, as notebooks do."""
        helpers = sys.modules.get("matplotlib._pylab_helpers")
        for manager in helpers.Gcf.get_all_fig_managers() if helpers else ():
            figure = manager.canvas.figure
            if figure is not but and any(axes.has_data() or axes.texts or axes.tables for axes in figure.axes):
                display(figure)
        if helpers:
            helpers.Gcf.destroy_all()

    # --- running ---

    def on_interrupt(number, frame):
        if running:
            raise KeyboardInterrupt

    def await_(coroutine):
        nonlocal loop
        import asyncio

        if loop is None or loop.is_closed():
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
        task = loop.create_task(coroutine)
        try:
            return loop.run_until_complete(task)
        finally:
            if not task.done():
                task.cancel()

    def run(tree, name, mode):
        nonlocal features
        code = compile(tree, name, mode, TOP_LEVEL_AWAIT | features, dont_inherit=True)
        features |= code.co_flags & FUTURES
        value = eval(code, names)
        return await_(value) if code.co_flags & COROUTINE else value

    def evaluate(source, name):
        tree = compile(source, name, "exec", ONLY_AST | TOP_LEVEL_AWAIT | features, dont_inherit=True)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], _ast.Expr) else None
        if tree.body:
            run(tree, name, "exec")
        value = run(_ast.Expression(last.value), name, "eval") if last else None
        show_figures(value)
        if value is None:
            return []
        builtins._ = value
        return forms_of(value)

    def report(error):
        """As the interpreter does at its end, from the first frame that is not ours."""
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename not in cells:
            trace = trace.tb_next
        last = trace
        while last and last.tb_next:
            if last.tb_next.tb_frame.f_code is on_interrupt.__code__:
                last.tb_next = None
            last = last.tb_next
        if sys.excepthook is sys.__excepthook__:
            traceback.print_exception(type(error), error, trace)
        else:
            sys.excepthook(type(error), error, trace)

    def exit_code_of(error):
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 255
        print(error.code, file=sys.stderr)
        return 1

    def attempt(source, name):
        """The outcome, the exit code that a plain run would have had, and the forms of the value."""
        nonlocal running
        try:
            try:
                running = True
                return "ok", 0, evaluate(source, name)
            finally:
                running = False
        except SystemExit as error:
            return "exit", exit_code_of(error), []
        except KeyboardInterrupt as error:
            report(error)
            return "interrupted", 130, []
        except BaseException as error:
            report(error)
            return "error", 1, []

    def execute():
        nonlocal room, parts
        word, code_bytes, stdin_bytes, most, number = read(HEAD).split()
        source, name = read(int(code_bytes)), f"main.py[{number.decode()}]"
        cells.add(name)
        linecache.cache[name] = (len(source), None, source.decode("utf-8", "replace").splitlines(True), name)
        place_stdin(read(int(stdin_bytes)))
        room, parts = int(most), 0
        shown.clear()
        outcome, exit_code, forms = attempt(source, name)
        flush()
        if os.getpid() != own_pid:
            os._exit(exit_code)  # a child that came out of the code
        check()
        lines = [b"%d %s %d\n%s" % (value, kind.encode(), len(data), data)
                 for value, forms in enumerate([forms, *shown]) for kind, data in forms]
        write(b"%s %s %d %d\n" % (read(TOKEN).split()[0], outcome.encode(), exit_code, len(lines)) + b"".join(lines))

    requests = answers = identity = None
    for name in ("session", "__cached__"):
        names.pop(name, None)
    try:
        os.rename(".sandglass-program", "main.py")
    except OSError:
        os.unlink("main.py")
    place()
    os.register_at_fork(after_in_child=drop)
    signal.signal(signal.SIGINT, on_interrupt)
    builtins.display = display
    while True:
        try:
            execute()
        except KeyboardInterrupt:
            pass  # it came when there was nothing to interrupt any more


session()
