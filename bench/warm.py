# SPDX-License-Identifier: Apache-2.0
"""
Programs for the part `warm` of run.py: name, language, code, what its output holds, the most of bare that it may
take, and how it is run on a machine without jails. Nothing is cached.
"""

IMPORTS = """import abc, argparse, ast, asyncio, base64, bisect, calendar, collections, concurrent.futures, contextlib
import copy, csv, dataclasses, datetime, decimal, enum, fractions, functools, hashlib, heapq, html, inspect, io, itertools
import json, logging, math, os, pathlib, pickle, queue, random, re, shutil, statistics, string, subprocess, tempfile, threading
import time, typing, unittest, urllib.parse, uuid
print("imported")
"""

PLOT = """import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

frame = pd.DataFrame({"x": np.linspace(0, 10, 200)})
frame["y"] = np.sin(frame.x)
fig, axes = plt.subplots()
axes.plot(frame.x, frame.y, label="sine")
axes.legend()
fig.savefig("/tmp/plot.png")
print("plotted", len(frame))
"""

PERL = """use strict; use warnings; use POSIX qw(floor); use List::Util qw(sum); use Data::Dumper;
print "sum ", sum(1 .. 10), " ", floor(2.5), "\\n";
"""

JAVA = """public class Main {
    public static void main(String[] args) {
        System.out.println("Hello from Java");
    }
}
"""

CSHARP = """class Program { static void Main() { System.Console.WriteLine("Hello from C#"); } }
"""

C = """#include <stdio.h>
int main(void) { puts("Hello from C"); }
"""

CPP = """#include <iostream>
int main() { std::cout << "Hello from C++\\n"; }
"""

GO = """package main

import "fmt"

func main() { fmt.Println("Hello from Go") }
"""

RUST = """fn main() { println!("Hello from Rust"); }
"""

JDK = "/opt/sandglass/java/25/jdk/bin/"
PYTHON, NODE = ["/usr/bin/python3", "main.py"], "/opt/node24/bin/node"
CC, CXX = ["/usr/bin/gcc", "-O2", "-std=gnu17"], ["/usr/bin/g++", "-O2", "-std=gnu++20"]
PROGRAM = ["/work/main"]
# go build does nothing where its result is, and keeps what it compiles, but not in the image's cache of the standard library.
ANEW = ["/usr/bin/rm", "-f", "main"]
GO_BUILD = ["/usr/bin/env", "HOME=/tmp", "GOCACHE=/opt/sandglass/go/cache", "GOFLAGS=-buildvcs=false", "GOPROXY=off", "GOTOOLCHAIN=local",
      "CGO_ENABLED=0", "/usr/bin/go", "build"]
# Without it rustc would find the image's linker, which is part of what is measured.
RUSTC = ["/usr/bin/rustc", "--edition=2021", "-Clinker=/usr/bin/cc"]

# Rows whose interpreters have much to import, or to practise, before they are as warm as they get.
LONG_AHEAD = ("python, pandas+pyplot", "python, a plot", "java, source to output")

# name, language, file, code, in its output, most of bare, commands without a jail
ROWS = [
    ("python hello", "python", "main.py", "print('hello')\n", "hello", 0.25, [PYTHON]),
    ("python, 40 imports", "python", "main.py", IMPORTS, "imported", 0.08, [PYTHON]),
    ("python, pandas+pyplot", "python", "main.py", "import pandas, matplotlib.pyplot\nprint('imported')\n", "imported", 0.02, [PYTHON]),
    ("python, a plot", "python", "main.py", PLOT, "plotted 200", 0.2, [PYTHON]),
    ("node hello", "javascript", "main.js", "console.log('hello')\n", "hello", 0.25, [[NODE, "main.js"]]),
    ("typescript hello", "typescript", "main.ts", "const s: string = 'hello';\nconsole.log(s);\n", "hello", 0.2,
     [[NODE, "main.ts"]]),
    ("ruby", "ruby", "main.rb", "puts 'hello'\n", "hello", 0.1, [["/usr/bin/ruby", "main.rb"]]),
    ("php", "php", "main.php", "<?php echo 'hello';\n", "hello", 0.4, [["/usr/bin/php8.4", "main.php"]]),
    ("r", "r", "main.R", "cat('hello\\n')\n", "hello", 0.08, [["/usr/bin/Rscript", "main.R"]]),
    ("perl, modules", "perl", "main.pl", PERL, "sum 55 2", 0.4, [["/usr/bin/perl", "main.pl"]]),
    ("bash", "bash", "main.sh", "echo hello\n", "hello", 0.8, [["/usr/bin/bash", "main.sh"]]),
    ("lua", "lua", "main.lua", "print('hello')\n", "hello", 0.9, [["/usr/bin/lua5.4", "main.lua"]]),
    ("java, source to output", "java", "Main.java", JAVA, "Hello from Java", 0.06, [[JDK + "javac", "Main.java"], [JDK + "java", "Main"]]),
    ("c# (Mono)", "csharp", "main.cs", CSHARP, "Hello from C#", 0.5,
     [["/usr/bin/mono", "/usr/lib/mono/4.5/mcs.exe", "-out:main.exe", "main.cs"], ["/usr/bin/mono", "main.exe"]]),
    ("c", "c", "main.c", C, "Hello from C", 0.6, [[*CC, "-o", "main", "main.c", "-lm", "-pthread"], PROGRAM]),
    ("c++, iostream", "cpp", "main.cpp", CPP, "Hello from C++", 0.3, [[*CXX, "-o", "main", "main.cpp", "-pthread"], PROGRAM]),
    ("go", "go", "main.go", GO, "Hello from Go", 0.65, [ANEW, [*GO_BUILD, "-o", "main", "main.go"], PROGRAM]),
    ("rust", "rust", "main.rs", RUST, "Hello from Rust", 0.35, [[*RUSTC, "-o", "main", "main.rs"], PROGRAM]),
]
