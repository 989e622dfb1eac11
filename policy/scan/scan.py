# SPDX-License-Identifier: Apache-2.0
"""
Looks at a Python program before anything of it runs, and then runs it. The server puts this in the place of the
program, with a line before it: RULES, from the *.yaml beside it; none, if nothing is to be looked for. The program is in
another file, which begins with a line of its own: a word that nobody knows, and "text" if it is to run as with
python3 -c, "file" if in the place of this, "ours" if so and the program is the server's own around the other files.

What the rules name is looked for in the syntax tree: what a name stands for is followed through imports, assignments,
getattr and constant strings, without regard to order or scope, so that it is found at least where it is used. All
files of the run are looked at. What cannot be looked at is refused. If a rule is broken, the word and the descriptions
go to stderr, a line each, and nothing of the program runs.
"""


PROGRAM = ".sandglass-program"  # in the working directory: engine/payload.c


def main(rules, name, stand_in):
    import sys

    first = sys.path.pop(0)  # nothing of the program's is imported by what follows
    import ast
    import os
    from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES

    unscannable = "Code that cannot be scanned"
    steps_max = 200000
    text_max = 4096

    def is_below(name, module):
        return name == module or name.startswith(module + ".")

    class Rules:
        """What is said of full names: "os.system" -> numbers of rules."""

        def __init__(self):
            self.modules, self.within, self.names, self.writers, self.anywhere = {}, {}, {}, {}, {}
            for number, rule in enumerate(rules):
                for key, table in (("modules", self.modules), ("within", self.within), ("calls", self.names), ("attributes", self.names), ("writes", self.writers)):
                    for name in rule.get(key, ()):
                        if name.startswith("*."):
                            self.anywhere.setdefault(name[2:], set()).add(number)
                        else:
                            table.setdefault(name, set()).add(number)

        def module_of(self, word):
            """The module that a part of a name is, when it is reached through another: random._os."""
            return next((name for name in (word, word.lstrip("_")) if name in self.within), None)

        def of_name(self, name):
            found = set(self.names.get(name, ()))
            for module in self.modules:
                if is_below(name, module):
                    found |= self.modules[module]
            parts = name.split(".")
            for i in range(1, len(parts)):
                found |= self.names.get(".".join(parts[:i]) + ".*", set())
                found |= self.names.get(".".join(parts[:i]), set())
            return found

    known = Rules()

    def normal(name):
        """builtins.eval is eval; random._os.system is os.system; os.path stays."""
        parts = name.split(".")
        if parts[0] in ("builtins", "__builtins__") and len(parts) > 1:
            parts = parts[1:]
        for i in range(len(parts) - 1, 0, -1):
            module = known.module_of(parts[i])
            if module:
                return ".".join([module] + parts[i + 1:])
        return ".".join(parts)

    class Scan(ast.NodeVisitor):
        """One file. Visits without recursion: a deep tree is none the less looked at."""

        def __init__(self, tree):
            self.nodes = list(ast.walk(tree))
            self.means = {}      # a name -> the full names that it may stand for
            self.bound = set()   # names that the program gives a meaning of its own
            self.found = set()
            self.stars = set()
            self.direct = set()  # nodes that are the function of a call

        def fold(self, node, depth=0):
            """The text that an expression of constants comes to, or None."""
            if depth > 50:
                return None
            if isinstance(node, ast.Constant):
                return node.value if isinstance(node.value, str) else node.value.decode("latin-1") if isinstance(node.value, bytes) else None
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                left, right = self.fold(node.left, depth + 1), self.fold(node.right, depth + 1)
                return left + right if left is not None and right is not None and len(left) + len(right) <= text_max else None
            if isinstance(node, ast.JoinedStr):
                return self.join("", node.values, depth)
            if isinstance(node, ast.FormattedValue):
                return self.fold(node.value, depth + 1) if node.format_spec is None else None
            if isinstance(node, ast.Subscript):
                return self.cut(self.fold(node.value, depth + 1), node.slice)
            if isinstance(node, ast.Name):
                texts = self.texts.get(node.id, ())
                return next(iter(texts)) if len(texts) == 1 else None
            if isinstance(node, ast.Call):
                return self.called(node, depth)
            return None

        def join(self, between, nodes, depth):
            parts = [self.fold(part, depth + 1) for part in nodes]
            if any(part is None for part in parts) or sum(map(len, parts)) + len(between) * len(parts) > text_max:
                return None
            return between.join(parts)

        @staticmethod
        def number(node):
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
                return -node.operand.value if isinstance(node.operand.value, int) else None
            return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None

        def cut(self, text, where):
            if text is None:
                return None
            try:
                if isinstance(where, ast.Slice):
                    return text[slice(*(part and self.number(part) for part in (where.lower, where.upper, where.step)))]
                index = self.number(where)
                return None if index is None else text[index]
            except (IndexError, ValueError, TypeError):
                return None

        def called(self, node, depth):
            function, args = node.func, node.args
            if isinstance(function, ast.Name) and function.id == "chr" and len(args) == 1 and self.number(args[0]) is not None:
                return chr(self.number(args[0])) if 0 <= self.number(args[0]) < 0x110000 else None
            if not isinstance(function, ast.Attribute):
                return None
            if function.attr == "join" and len(args) == 1 and isinstance(args[0], (ast.List, ast.Tuple)):
                between = self.fold(function.value, depth + 1)
                return None if between is None else self.join(between, args[0].elts, depth)
            text = self.fold(function.value, depth + 1)
            if text is None:
                return None
            if function.attr in ("lower", "upper", "strip", "decode", "casefold") and not args:
                return getattr(text, function.attr)() if function.attr != "decode" else text
            folded = [self.fold(arg, depth + 1) for arg in args]
            if function.attr == "replace" and len(folded) == 2 and None not in folded and len(text) * (1 + len(folded[1])) <= text_max:
                return text.replace(*folded)
            return None

        # --- what names stand for ---

        def resolve(self, node, depth=0):
            """The full names that an expression may stand for."""
            if depth > 50:
                return {"__import__"}  # nobody writes that by hand
            if isinstance(node, ast.Name):
                return self.means.get(node.id) or ({node.id} if node.id not in self.bound else set())
            if isinstance(node, ast.Attribute):
                return {normal(f"{base}.{node.attr}") for base in self.resolve(node.value, depth + 1)}
            if isinstance(node, ast.NamedExpr):
                return self.resolve(node.value, depth + 1)
            if isinstance(node, ast.IfExp):
                return self.resolve(node.body, depth + 1) | self.resolve(node.orelse, depth + 1)
            if isinstance(node, ast.BoolOp):
                return set().union(*(self.resolve(value, depth + 1) for value in node.values))
            if isinstance(node, ast.Subscript):
                return self.item(node, depth)
            if isinstance(node, ast.Call):
                return self.result(node, depth)
            return set()

        def item(self, node, depth):
            """[os][0], {"a": os}["a"], sys.modules["os"], vars(os)["system"], __builtins__["eval"]"""
            text = self.fold(node.slice)
            if isinstance(node.value, (ast.List, ast.Tuple)):
                return set().union(*(self.resolve(part, depth + 1) for part in node.value.elts))
            if isinstance(node.value, ast.Dict):
                return set().union(*(self.resolve(part, depth + 1) for part in node.value.values))
            if text is None:
                return set()
            found = set()
            for base in self.resolve(node.value, depth + 1):
                if base.endswith(".modules") or base == "modules":
                    found.add(text)
                elif base.endswith(".__dict__"):
                    found.add(normal(base[:-len("__dict__")] + text))
                elif base in ("__builtins__", "builtins", "globals()", "locals()", "vars()"):
                    found.add(normal("builtins." + text) if base.strip("_") == "builtins" else text)
            return found

        def result(self, node, depth):
            found = set()
            for function in self.resolve(node.func, depth + 1):
                text = self.fold(node.args[0]) if node.args else None
                if function in ("__import__", "importlib.import_module", "importlib.__import__", "importlib.reload") and text:
                    found.add(text)
                elif function in ("globals", "locals", "vars") and not node.args:
                    found.add(function + "()")
                elif function == "vars" and node.args:
                    found |= {base + ".__dict__" for base in self.resolve(node.args[0], depth + 1)}
                elif function in ("getattr", "object.__getattribute__", "operator.attrgetter") and len(node.args) >= 2:
                    found |= self.attribute(node.args, depth)
                elif function == "importlib.reload" and node.args:
                    found |= self.resolve(node.args[0], depth + 1)
            return found

        def attribute(self, args, depth):
            name = self.fold(args[1])
            if name is None:
                return set()
            return {normal(f"{base}.{name}") for base in self.resolve(args[0], depth + 1)} | {"?." + name}

        def bind(self, target, node):
            """Whether something new was learned."""
            if isinstance(target, (ast.Tuple, ast.List)) and isinstance(node, (ast.Tuple, ast.List)) and len(target.elts) == len(node.elts):
                return any([self.bind(*pair) for pair in zip(target.elts, node.elts)])
            if not isinstance(target, ast.Name):
                return False
            text, names = self.fold(node), self.resolve(node)
            before = len(self.means.get(target.id, ())) + len(self.texts.get(target.id, ()))
            if names:
                self.means.setdefault(target.id, set()).update(sorted(names)[:50])
            if text is not None:
                self.texts.setdefault(target.id, set()).add(text)
            return len(self.means.get(target.id, ())) + len(self.texts.get(target.id, ())) > before

        def imports(self, node):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.say(alias.name)
                    name = alias.asname or alias.name.partition(".")[0]
                    self.means.setdefault(name, set()).add(alias.name if alias.asname else name)
                return
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                self.say(base)
                if alias.name == "*":
                    self.stars.add(base)
                    continue
                full = normal(f"{base}.{alias.name}")
                self.say(full)
                self.means.setdefault(alias.asname or alias.name, set()).add(full)

        def learn(self):
            """Imports, then assignments until they say nothing new."""
            self.texts = {}
            pairs = []
            for node in self.nodes:
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    self.imports(node)
                elif isinstance(node, ast.Assign):
                    pairs += [(target, node.value) for target in node.targets]
                elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
                    pairs.append((node.target, node.value))
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self.bound.add(node.name)
                elif isinstance(node, ast.arguments):
                    pairs += self.defaults(node)
                elif isinstance(node, ast.arg):
                    self.bound.add(node.arg)
                elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                    self.bound.add(node.id)
                elif isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.iter, (ast.List, ast.Tuple, ast.Set)):
                    pairs += [(node.target, value) for value in node.iter.elts]
            if len(self.nodes) + len(pairs) * 8 > steps_max * 8:
                raise RecursionError
            for _ in range(20):
                if not any([self.bind(*pair) for pair in pairs]):
                    return

        @staticmethod
        def defaults(node):
            named = node.posonlyargs + node.args
            return [(ast.Name(arg.arg, ast.Store()), value) for arg, value in
                    [*zip(named[len(named) - len(node.defaults):], node.defaults), *zip(node.kwonlyargs, node.kw_defaults)] if value]

        # --- what is found ---

        def say(self, name):
            self.found |= known.of_name(name)

        def looks_at(self, name):
            """An attribute or a text: of whatever object it is."""
            self.found |= known.anywhere.get(name, set())

        def loose(self, name):
            """An attribute of something unknown: counts where its module is in the program anyway."""
            for full, numbers in known.names.items():
                module, _, last = full.rpartition(".")
                if last == name and module and self.found & known.modules.get(module, set()):
                    self.found |= numbers

        def opens(self, node):
            for name in self.resolve(node.func):
                if name not in known.writers:
                    continue
                mode = next((word.value for word in node.keywords if word.arg == "mode"), node.args[1] if len(node.args) > 1 else None)
                spread = any(word.arg is None for word in node.keywords) or any(isinstance(arg, ast.Starred) for arg in node.args)
                text = self.fold(mode) if mode is not None else None if spread else "r"
                if text is None or set(text) & set("wax+"):
                    self.found |= known.writers[name]

        def visit_all(self):
            for node in self.nodes:
                if isinstance(node, ast.Call):
                    self.direct.add(id(node.func))
                    self.opens(node)
                    for name in self.resolve(node):
                        self.say(name)
                        if name.startswith("?."):
                            self.looks_at(name[2:])
            for node in self.nodes:
                if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Load):
                    self.visit_use(node)
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("__"):
                    self.looks_at(node.value)
                if isinstance(node, ast.Attribute):
                    self.looks_at(node.attr)
                elif isinstance(node, ast.Name):
                    self.looks_at(node.id)
            for node in self.nodes:
                if isinstance(node, ast.Attribute):
                    self.loose(node.attr)
                elif isinstance(node, ast.Call):
                    for name in self.resolve(node):
                        if name.startswith("?."):
                            self.loose(name[2:])

        def visit_use(self, node):
            for name in self.resolve(node):
                if name not in known.modules or not isinstance(node, ast.Name) or node.id in self.means:
                    self.say(name)
                if name in known.writers and id(node) not in self.direct:
                    self.found |= known.writers[name]
                for star in self.stars:
                    self.say(normal(f"{star}.{name}"))

        def run(self):
            self.learn()
            self.visit_all()
            return self.found

    def scan(text, name):
        """Numbers of rules; None: that is no Python, and will not run."""
        try:
            tree = ast.parse(text, name)
        except SyntaxError:
            return None
        return Scan(tree).run()

    def scan_files(own):
        """The other files; None: there is one of which nothing can be said."""
        found = set()
        for top, _, names in os.walk(os.getcwd()):
            for name in names:
                path = os.path.join(top, name)
                if path in own:
                    continue
                if name.endswith((*BYTECODE_SUFFIXES, *EXTENSION_SUFFIXES, ".zip", ".egg", ".pth")) or os.path.islink(path):
                    return None
                if name.endswith(".py"):
                    with open(path, "rb") as file:
                        found |= scan(file.read(), name) or set()
        return found

    def check(text, own):
        numbers, others = None if how == "ours" else scan(text, "<string>"), scan_files(own)
        if others is None:
            return [unscannable]
        return [rules[number]["description"] for number in sorted((numbers or set()) | others)]

    program, stand_in = os.path.join(os.getcwd(), name), os.path.abspath(stand_in)
    with open(program, "rb") as file:
        head, _, text = file.read().partition(b"\n")
    word, how = head.decode().split(" ")
    if how == "text":
        text = text.decode()  # which a comment about its encoding does not change
    try:
        said = check(text, (program, stand_in)) if rules else []
    except (RecursionError, MemoryError, ValueError, OverflowError):
        said = [unscannable]
    if said:
        sys.stderr.write("".join(line + "\n" for line in [word, *dict.fromkeys(said)]))
        sys.stderr.flush()
        os._exit(1)
    os.unlink(program)
    if how == "text":
        os.unlink(stand_in)
    else:
        with open(stand_in, "wb") as file:
            file.write(text)
    return text, how == "text", first


def run(text, as_text, first):
    """As the interpreter would have: the program is __main__, and no frame of ours is in its tracebacks."""
    import builtins
    import sys

    space = sys.modules["__main__"].__dict__
    shown = "<string>" if as_text else space["__file__"]
    for name in [name for name in space if name not in ("__name__", "__builtins__", "__doc__", "__spec__", "__package__")]:
        if as_text or name not in ("__file__", "__cached__", "__loader__"):
            del space[name]
    space["__doc__"] = None
    if as_text:
        space["__loader__"] = sys.modules["_frozen_importlib"].BuiltinImporter
        sys.argv[0], first = "-c", ""
    sys.path.insert(0, first)
    if sys.version_info < (3, 14):
        space["__annotations__"] = {}
    try:
        builtins.exec(builtins.compile(text, shown, "exec", dont_inherit=True), space)
    except SystemExit:
        raise
    except BaseException as error:
        trace = error.__traceback__
        trace = trace.tb_next if trace else None
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error.with_traceback(trace), trace
        sys.excepthook(type(error), error, trace)
        sys.excepthook = lambda *_: None
        raise


run(*main(RULES, PROGRAM, __file__))  # noqa: F821
