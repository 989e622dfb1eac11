# SPDX-License-Identifier: Apache-2.0
"""Parked interpreters of every language that has them: all but times is what an exec answers."""

import os
import signal
import time

from lib import host
from lib.client import wait_until
from lib.scenario import Skip, cases
from lib.server import Server

LONG = True
LANGUAGES = ("bash", "lua", "perl", "php", "ruby", "r", "javascript", "typescript", "java", "csharp")
COMPILED_PARKED = ("java", "csharp", "typescript")
RUNS = int(os.environ.get("SANDGLASS_SEED_RUNS", "12"))  # of each language

# Descriptors with what they are open on; the command line, name and signals as the kernel has them.
PROC = r"""for n in /proc/$PPID/fd/*; do readlink $n > /tmp/link && echo "${n##*/} $(tr -d 0-9 < /tmp/link)"; done
tr '\0' '|' < /proc/$PPID/cmdline; echo; tr '\0' '\n' < /proc/$PPID/environ | grep . | sort; cat /proc/$PPID/comm
grep -E '^(Sig[BIC]|Cap|NoNew|Seccomp|Umask)' /proc/$PPID/status; grep -vE 'pending' /proc/$PPID/limits; ls -A /work"""

# Which number a file has is chance where garbage is collected, with what it was opened by.
PROC_SORTED = PROC.replace('echo "${n##*/} $(tr -d 0-9 < /tmp/link)"; done', 'tr -d 0-9 < /tmp/link; done | sort')

INPUT = "line 1\nline 2\n\nlast line without end"


def _main_of(suffix, text, name="main", **more):
    """A request's files: the program, and others by name."""
    others = [{"name": path.replace("__", "/"), "content": content} for path, content in more.pop("others", {}).items()]
    return {"files": [{"name": f"{name}.{suffix}", "content": text}, *others], "stdin": INPUT, **more}


def _ruby(text, **more):
    return _main_of("rb", text, **more)


def _r(text, **more):
    return _main_of("R", text, **more)


def _php(text, **more):
    return _main_of("php", text, **more)


def _perl(text, **more):
    return _main_of("pl", text, **more)


def _js(text, **more):
    return _main_of("js", text, **more)


def _ts(text, **more):
    return _main_of("ts", text, **more)


def _java(text, **more):
    return _main_of("java", "import java.util.*;\npublic class Main { public static void main(String[] a) throws Throwable {\n" + text + "\n} }", name="Main", **more)


def _csharp(text, **more):
    return _main_of("cs", "using System;\nclass P {\n" + text + "\n}", **more)


def _lua(text, **more):
    return _main_of("lua", text, **more)


def _bash(text, **more):
    return _main_of("sh", text, **more)


# What is in $! before anything has failed is chance. One of each profile of the manifest, and such as none has.
PERL_MODULES = ("strict", "warnings", "utf8", "List::Util 'sum'", "Scalar::Util", "Getopt::Long", "File::Basename", "Cwd", "constant X => 1", "Carp",
                "Data::Dumper", "IO::File", "Storable", "Time::Local", "POSIX", "POSIX 'floor'", "Time::HiRes", "strict; use warnings; use Carp; use POSIX",
                "v5.36; use List::Util; use File::Temp", "Encode", "feature 'say'; use Data::Dumper; use Time::HiRes")

PROGRAMS = {
    "ruby": [
        _ruby(r"""p $0, __FILE__, $PROGRAM_NAME, ARGV, __dir__, Process.pid, Process.ppid, __LINE__, __ENCODING__, Process.argv0
p ENV.to_h.sort, $LOADED_FEATURES, $LOAD_PATH, RUBY_DESCRIPTION, $VERBOSE, $DEBUG, $-w, $-p, $-l, $-a, $-i, $*, $;, $,
p Thread.list.size, Thread.main == Thread.current, $stdout.sync, $stdin.fileno, Encoding.default_external, Encoding.default_internal
p ObjectSpace.each_object(IO).reject(&:closed?).map(&:fileno).sort, DATA.pos, DATA.lineno, DATA.path, DATA.fileno
p TOPLEVEL_BINDING.local_variables, Object.private_instance_methods(false).sort, global_variables.sort, Signal.list.size
p local_variables, caller, __method__.inspect, defined?(Gem), defined?(DidYouMean), defined?(ErrorHighlight), defined?(Bundler), Gem.loaded_specs.keys
at_exit { puts "at exit #{$!.inspect}" }
END { puts "END" }
BEGIN { puts "BEGIN" }
x = 5
system(%q(PROC))
puts STDIN.read, DATA.read
DATA.rewind
puts DATA.gets
warn "warned"
exit 3
__END__
data 1
data 2""".replace("PROC", PROC)),
        _ruby("# encoding: iso-8859-1\np __ENCODING__, 'é'.bytes\n"),
        _ruby("#!/usr/bin/env ruby\n# frozen_string_literal: true\np __LINE__, 'a'.frozen?, __ENCODING__, $VERBOSE; x = 1\n"),
        _ruby("#!/usr/bin/ruby\n# -*- coding: euc-jp -*-\np __ENCODING__\np $VERBOSE\n"),
        _ruby("#!/usr/bin/ruby -w\ndef f; x = 1; end\np $VERBOSE, __LINE__\n"),
        _ruby("#!/usr/bin/ruby -W:no-deprecated -rset -s\np $VERBOSE, __LINE__, $LOADED_FEATURES.grep(/set/)\n"),
        _ruby("#!/usr/bin/env ruby\r\nputs 1\r\n"),
        _ruby("#!/bin/sh\nexec true\n#!ruby\np __LINE__\n__END__\nx"),
        _ruby("#!/bin/sh\necho no ruby\n"),
        _ruby("#!" + "/x" * 300 + "/ruby -w\np $VERBOSE\n"),
        _ruby("#! /usr/bin/ruby"),
        _ruby("#!"), _ruby("#"), _ruby(""), _ruby("\n"), _ruby("\n\n\nraise 'on line 4'"), _ruby("\ufeffp __LINE__, __ENCODING__"),
        _ruby("__END__\ndata"), _ruby("=begin\nno\n=end\np __LINE__\n"), _ruby("p 1\0p 2"), _ruby("\0"), _ruby("\x04p 1"),
        _ruby("puts 'a'\ndef f(\nputs 'b'\n"),
        _ruby("def f\n  [1].frist\nend\nputs 'é', 1\nf\n"),
        _ruby("p sho\n"), _ruby("require 'nothing'\n"), _ruby("raise Class.new(StandardError), \"two\\nlines\""),
        _ruby("abort 'aborted'"), _ruby("exit!(4)"), _ruby("$stdout.write 'no end'; Process.kill :TERM, $$; sleep 9"),
        _ruby("def f; f; end; f rescue p $!.class, $!.message"), _ruby("throw :x"), _ruby("Process.kill(:KILL, $$); sleep 5"),
        _ruby("a = gets; b = $<.read; p a, b, ARGF.lineno, $., STDIN.eof?"),
        _ruby("p(fork { p $$ == Process.pid; exit 7 } != nil); p Process.wait2[1].exitstatus; puts `ruby -e 'p ARGV, $0' 1 2`\n"
              "q = Queue.new; 4.times { |i| Thread.new { q << i } }; p 4.times.map { q.pop }.sort; r, w = IO.pipe; w << 'x'; w.close; p r.read"),
        _ruby("trap(:INT) { puts 'int'; exit 9 }; Process.kill :INT, $$; sleep 9"),
        _ruby("require 'json'; require 'set'; require 'time'; require_relative 'lib/a'; load 'lib/b.rb'; p A, Set[1]",
              others={"lib__a.rb": "A = __FILE__\n", "lib__b.rb": "puts __FILE__, $0"}),
        _ruby("require 'thread'; p $LOADED_FEATURES.grep(/work|thread/)", others={"thread.rb": "puts 'ours'"}),
        _ruby("$0 = 'other name'; p $0; system(%q(tr '\\0' '|' < /proc/$PPID/cmdline)); exec '/usr/bin/ruby', '-e', 'p $0, ENV.to_h.sort'"),
        _ruby("eval \"raise 'in eval'\", binding, 'file', 77"), _ruby("p SCRIPT_LINES__ rescue p $!.message; p binding.source_location"),
        _ruby("puts File.read(__FILE__), $stdin.readlines, Dir.children('.'), File.stat(__FILE__).mode.to_s(8), Dir.pwd, File.umask"),
        _ruby("fiber = Fiber.new { Fiber.yield 1; 2 }; p fiber.resume, fiber.resume; p Ractor.new { 1 + 2 }.take"),
        _ruby("p Process.getrlimit(:NOFILE), Process.getpriority(0, 0), Process.getpgrp == $$, Process.getsid"),
    ],
    "r": [
        _r(r"""print(commandArgs()); print(commandArgs(TRUE)); print(search()); print(loadedNamespaces()); print(getwd()); print(Sys.getpid())
e <- Sys.getenv(); for (n in setdiff(names(e), "R_SESSION_TMPDIR")) cat(n, "=", e[[n]], "\n"); print(.libPaths()); print(interactive()); print(ls(all.names = TRUE))
o <- options(); print(names(o)); print(o$width); print(o$warn); print(o$encoding); print(R.version.string); print(l10n_info()); print(Sys.getlocale())
print(dir(tempdir(), all.names = TRUE)); print(file.exists(tempdir())); print(showConnections()); print(sessionInfo()$basePkgs); print(exists(".Random.seed"))
invisible(system("PROC"))
print(readLines("stdin")); message("to stderr"); warning("at the top")
.Last <- function() cat("last\n"); invisible(reg.finalizer(globalenv(), function(e) cat("finalizer\n"), onexit = TRUE))
f <- function() { warning("in f"); on.exit(cat("on exit\n")); stop("in f") }
try(f()); print(geterrmessage()); quit(status = 3)
""".replace("PROC", PROC.replace("\\", "\\\\").replace('"', '\\"'))),
        _r("cat('no newline at the end')"), _r(""), _r("\n"), _r("# only a comment"), _r("x <- 5\nx\n(function(x) x * 2)(x)\ninvisible(7)\n'é'"),
        _r("stop('at the top')\ncat('not reached')\n"), _r("cat(1)\nf <- function( {\ncat(2)\n"), _r("cat(1); f <- function() {"), _r("library(nothing)"),
        _r("#!/usr/bin/env Rscript\ncat('ok\\n')\nwarning('w1'); for (i in 1:60) warning(i)\n"), _r("\ufeffcat('after a mark')"), _r("cat(1\0)"),
        _r("x <- '" + "long " * 3000 + "'\ncat(nchar(x), '\\n')\n"), _r("cat(readLines(stdin(), n = 1))\nthis is read as data\ncat('after')\n"),
        _r("x <- readline('ask? '); print(x); print(scan('stdin', what = '', quiet = TRUE))"), _r("tools::pskill(Sys.getpid(), 15); Sys.sleep(9)"),
        _r("set.seed(1); print(runif(3)); print(rnorm(2)); print(sample(10)); x <- c(a = 1); str(x); print(summary(lm(dist ~ speed, cars)))"),
        _r("source('lib/a.R'); print(A); print(sys.call()); print(sys.frames()); print(environmentName(environment()))", others={"lib__a.R": "A <- 5"}),
        _r("print(1)", others={".Rprofile": "cat('profile\\n')", ".Renviron": "A=5", ".RData": "no data"}),
        _r("print(parent.frame()); print(jsonlite::toJSON(list(a = 1))); traceback(); on.exit(1); repeat break; if (TRUE)\n 1 else 2\n"),
        _r("x <- system('echo out; exit 3'); print(x); print(system2('R', c('--version'), stdout = TRUE)[1]); print(system2('Rscript', c('-e', '1+1'), stdout = TRUE))"),
        _r("options(warn = 1); warning('now'); options(warn = 2); warning('error')"), _r("f <- function(n) f(n + 1); tryCatch(f(1), error = function(e) cat(class(e)))"),
        _r("q('no', 300)"), _r("cat('a'); quit(save = 'no', status = 7, runLast = FALSE)"), _r("options(error = quote({cat('handler\\n'); q(status = 9)})); stop('x')"),
        _r("library(parallel); print(unlist(mclapply(1:3, function(i) i^2, mc.cores = 2))); print(nchar(Sys.time()) > 5); pdf(); plot(1); dev.off(); print(dir())"),
    ],
    "php": [
        _php(r"""<?php
register_shutdown_function(function () { echo "shutdown\n"; global $argv; var_dump($argv); });
var_dump($argc, $argv, __FILE__, __LINE__, __DIR__, getmypid(), getcwd(), PHP_SAPI, PHP_BINARY, get_included_files(), ini_get_all(null, false));
$env = getenv(); ksort($env); var_dump($env); $s = $_SERVER; unset($s['REQUEST_TIME'], $s['REQUEST_TIME_FLOAT']); ksort($s); var_dump($s, array_keys($GLOBALS));
var_dump(get_loaded_extensions(), get_declared_classes() > 5, stream_get_wrappers(), php_ini_loaded_file(), php_ini_scanned_files(), ob_get_level(), error_reporting());
passthru(<<<'X'
PROC
X); echo fgets(STDIN), file_get_contents('php://stdin'); fwrite(STDERR, "to stderr\n"); echo $nothing; trigger_error("warned", E_USER_WARNING);
set_exception_handler(function ($e) { echo get_class($e), $e->getLine(), "\n"; exit(5); });
class A { function __destruct() { echo "destructed\n"; } } $a = new A; throw new LogicException("x");
""".replace("PROC", PROC)),
        _php("echo 'without a tag', __LINE__, \"\\n\";"), _php("<?php exit(3);"), _php("<?php exit('text');"), _php("<?php die();"), _php("<?php throw new Exception('x');"),
        _php("<?php\necho 1\necho 2;"), _php("#!/usr/bin/env php\n<?php echo __LINE__;"), _php(""), _php("\n"), _php("text <?= 1 + 1 ?> text\n"), _php("<?php f();"),
        _php("<?php declare(strict_types=1); echo strlen(5);"), _php("<?php $f = fopen(__FILE__, 'r'); fseek($f, __COMPILER_HALT_OFFSET__); echo stream_get_contents($f); __halt_compiler();data"),
        _php("<?php namespace A\\B; echo __NAMESPACE__; require 'lib/a.php'; echo (include 'none.php') ? 1 : 0;", others={"lib__a.php": "<?php echo __FILE__;"}),
        _php("\ufeff<?php echo 'after a mark';"), _php("<?php ob_start(); echo 'buffered'; register_shutdown_function(fn() => print('x')); exit(7);"),
        _php("<?php function f() { f(); } ini_set('memory_limit', '20M'); f();"), _php("<?php mt_srand(5); echo mt_rand(), rand(), random_int(5, 5);"),
        _php("<?php posix_kill(getmypid(), 15); sleep(9);"), _php("<?php set_error_handler(fn($n, $t) => print($t)); echo $x; echo 1 / 0;"), _php("<?php while (($l = fgets(STDIN)) !== false) echo strrev($l); var_dump(feof(STDIN), $argv);"),
        _php("<?php phpinfo(INFO_CONFIGURATION);", others={"php.ini": "memory_limit=1M", ".user.ini": "precision=3", "php-cli.ini": "precision=4"}),
        _php("<?php $p = proc_open(['php', '-r', 'echo 1, PHP_EOL; exit(4);'], [], $pipes); var_dump(proc_close($p)); echo `echo from shell`; var_dump(stream_isatty(STDOUT));"),
    ],
    "perl": [
        _perl(r"""#!/usr/bin/perl
use strict; use warnings; use POSIX; use Data::Dumper;
BEGIN { print "begin\n" } INIT { print "init\n" } CHECK { print "check\n" } END { print "end $?\n"; $? = 6 }
$| = 1; print "$0 @ARGV $$ $^X $] $^W ${^TAINT} ${^GLOBAL_PHASE} ", __FILE__, __LINE__, " @INC\n"; print "$_=$ENV{$_}\n" for sort keys %ENV; print "$_ $INC{$_}\n" for "POSIX.pm", "Data/Dumper.pm";
print join(",", grep /^[a-zA-Z]/ && !/::|</ && $_ ne "VERSION", sort keys %main::), "\n"; print Dumper([map { $SIG{$_} } sort keys %SIG]); print tell(DATA), <DATA>; system('sh', '-c', <<'X');
PROC
X
print while <STDIN>; print eof(STDIN), "\n"; print STDERR "to stderr\n"; warn "warned"; local $@; eval { die { code => 5 } }; print $@->{code}; die "died\n";
__DATA__
data
""".replace("PROC", PROC)),
        _perl("#!/usr/bin/perl -w\nmy $x; print $^W, \"$x\\n\";"), _perl("#!/usr/bin/perl -T\nprint 1"), _perl("#!/bin/sh\necho from shell $0\n"), _perl("#!/usr/bin/perl -n\nprint uc"),
        _perl("#!perl -l\nprint for 1..3"), _perl(""), _perl("\n"), _perl("print 1; print 2 print 3;\n"), _perl("die"), _perl("exit 3"), _perl("use Nothing;"), _perl("\ufeffprint 'after a mark'"),
        _perl("print tell(DATA), <DATA>; seek DATA, 0, 0; print <DATA>;\n__END__\ndata"), _perl("kill TERM => $$; sleep 9"), _perl("$SIG{__DIE__} = sub { print 'handler ', @_ }; f()"),
        _perl("use lib 'lib'; require A; print $A::a; do './b.pl'; print $!", others={"lib__A.pm": "package A; our $a = __FILE__; 1", "b.pl": "print __FILE__"}),
        _perl("srand(5); print int rand 1000; print join ',', sort { $a <=> $b } 3, 10; printf '%s %s', caller // 'none', wantarray // 'none'"),
        _perl("$0 = 'other'; print `tr '\\\\0' '|' < /proc/$$/cmdline`; exec $^X, '-e', 'print qq($0 @ARGV)', 1, 2"), _perl("my $p = fork; if (!$p) { exit 4 } wait; print $? >> 8; close STDOUT; exit 2"),
        *(_perl(f"use {module}; print qq($@), $^H, ${{^WARNING_BITS}} // 'none', time - $^T < 3, eval('__FILE__'), $., @ARGV, caller; warn 'here'; $! = 9; die")
          for module in PERL_MODULES),
        _perl("use warnings; use strict; use List::Util qw(sum); my $x; print sum(1, 2), floor(2), $x; print $y;"),
        _perl("use strict; use warnings; use List::Util qw(sum); my $x; print sum(1, 2), $x, main->can('floor') // 'none', __LINE__; printf '%s', $x"),
        _perl("use POSIX qw(floor strftime); use Data::Dumper; $Data::Dumper::Sortkeys = 1; print floor(2.5), strftime('%Y', gmtime 0), Dumper({a => [1], b => \\2}); POSIX::_exit(3)"),
        _perl("use POSIX; print floor(-1.5), DBL_MAX, EINTR, getpid() == $$, isatty(0) ? 1 : 0; eval { die 'x' }; print $@; eval 'die 5'; print $@"),
        _perl("use lib '.'; use POSIX; print POSIX::ours()", others={"POSIX.pm": "package POSIX; sub ours { 'ours' } 1"}),
        _perl("use lib 'lib'; use Data::Dumper; print Dumper(1)", others={"lib__Data__Dumper.pm": "package Data::Dumper; sub import { *main::Dumper = sub { 'ours' } } 1"}),
        _perl("use strict; open my $f, '<', 'data.txt'; print <$f>, -M $f < 0 ? 'later' : 'before'", others={"data.txt": "data"}),
        _perl("print scalar <>; print <STDIN>; print $., -t STDIN ? 1 : 0, -p STDIN ? 1 : 0; open my $f, '<', $0; print <$f>"), _perl("print 'no end'; POSIX::_exit(5)"), _perl("print \"a\0b\";\x04 print 2"),
    ],
    "javascript": [
        _js(r"""const {execSync} = require('child_process'), fs = require('fs');
process.on('exit', (code) => console.log('exit', code, process.exitCode));
console.log(process.argv, process.execArgv, process.argv0, process.execPath, process.title, process.pid, process.ppid, process.cwd(), process.version, process.config.variables.node_prefix);
console.log(Object.entries(process.env).sort(), __filename, __dirname, require.main === module, module.paths, module.id, Object.keys(require.cache), process.moduleLoadList.length > 5);
console.log(Object.getOwnPropertyNames(globalThis).sort(), process.umask(), process.getActiveResourcesInfo(), process.listenerCount('uncaughtException'), process.features, process.allowedNodeEnvironmentFlags.size);
console.log(process.stdout.isTTY, process.stdin.fd, process.stdout.writableLength, process.stdout.constructor.name, process.stderr.constructor.name, Error.stackTraceLimit, process.sourceMapsEnabled);
console.log(execSync(PROC).toString());
console.log(fs.readFileSync(0, 'utf8')); console.error('to stderr'); console.trace('here'); process.emitWarning('warned');
setTimeout(() => console.log('timeout'), 5); setImmediate(() => console.log('immediate')); process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('then'));
import('./lib/a.mjs').then((m) => { console.log(m.default); process.exitCode = 3; });
""".replace("PROC", "String.raw`" + PROC.replace("${n##*/}", "$(basename $n)") + "`"), others={"lib__a.mjs": "export default import.meta.url"}),
        _js("import fs from 'node:fs';\nconsole.log(import.meta.url, fs.readFileSync(0, 'utf8'), typeof require, process.argv);\nconst x = await Promise.resolve(5); console.log(x);"),
        _js("console.log(this, typeof require, import.meta.dirname)", others={"package.json": '{"type": "module"}'}), _js("require('x')", others={"node_modules__x__index.js": "console.log(__filename, module.parent.id)"}),
        _js("throw new Error('x')"), _js("throw {a: 1}"), _js("Promise.reject(new Error('x'))"), _js("function f( {\n"), _js(""), _js("\n"), _js("#!/usr/bin/env node\nconsole.log(new Error('x').stack)"), _js("\ufeffconsole.log(1)"),
        _js("process.exit(4)"), _js("process.kill(process.pid, 'SIGTERM'); setTimeout(() => 0, 9999)"), _js("process.abort()"), _js("process.on('SIGINT', () => { console.log('int'); process.exit(9) }); process.kill(process.pid, 'SIGINT'); setTimeout(() => 0, 9999)"),
        _js("process.stdin.setEncoding('utf8'); let s = ''; process.stdin.on('data', (d) => s += d); process.stdin.on('end', () => { console.log(JSON.stringify(s)); console.log(process.stdin.constructor.name) })"),
        _js("const r = require('readline').createInterface({input: process.stdin}); r.on('line', (l) => console.log('line', l)); r.on('close', () => console.log('close'))"),
        _js("const {Worker, isMainThread, threadId} = require('worker_threads'); if (isMainThread) { new Worker(__filename).on('exit', (c) => console.log('worker', c)) } else { console.log('in', threadId, process.argv.length); process.exit(5) }"),
        _js("const c = require('crypto'); c.pbkdf2('a', 'b', 1000, 16, 'sha256', (e, k) => console.log(k.toString('hex'))); require('fs').readFile(__filename, (e, d) => console.log(d.length)); require('dns').lookup('localhost', (e, a) => console.log(a))"),
        _js("const h = require('http').createServer((q, s) => s.end('served')).listen(0, '127.0.0.1', async () => { const r = await fetch('http://127.0.0.1:' + h.address().port); console.log(await r.text()); h.close() })"),
        _js("process.stdout.write('x'.repeat(200000), () => process.exit(6))"), _js("console.log(new Intl.DateTimeFormat('de', {timeZone: 'UTC'}).format(0), new Date(0).toString(), Intl.DateTimeFormat().resolvedOptions().timeZone)"),
        _js("process.on('uncaughtException', (e, o) => console.log(o, e.message)); setTimeout(() => console.log('on'), 10); nothing()"), _js("process.on('beforeExit', () => console.log('before')); await_ = 5; console.log(await_)"),
        _js("const v = require('vm'), w = WebAssembly; console.log(v.runInNewContext('1 + 1'), typeof w.compile, structuredClone({a: [1]}), new (class A { #x = 5; get() { return this.#x } })().get()); performance.mark('a'); console.log(performance.getEntriesByName('a').length)"),
        _js("const f = () => f(); try { f() } catch (e) { console.log(e.constructor.name) }; console.log(process.resourceUsage().maxRSS > 0, process.constrainedMemory() > 0, require('v8').getHeapStatistics().heap_size_limit)"),
        _js("require('child_process').execFile(process.execPath, ['-e', 'console.log(process.argv.length, process.env.LD_PRELOAD)'], (e, o) => console.log(e, o))"),
        _js("import 'node:fs'; console.log('x'); await new Promise(() => {})"), _js("process.on('exit', () => { process.exitCode = 7; console.log('end') })"), _js("process.on('exit', () => { throw new Error('at the end') })"),
        _js("process.stdout.write('x'.repeat(1000000)); process.stderr.write('y'.repeat(300000)); process.exitCode = '12'"),
        _js("const fs = require('fs'); fs.createWriteStream('/tmp/a').write('kept'); fs.promises.open('/tmp/b', 'w'); process.on('exit', () => console.log(fs.readFileSync('/tmp/a', 'utf8'), fs.existsSync('/tmp/b')))"),
        _js("const {Worker} = require('worker_threads'); new Worker('setInterval(() => console.log(1), 100000); process.on(\"exit\", () => console.log(2))', {eval: true}).unref(); setTimeout(() => console.log('x'), 9999).unref(); require('child_process').spawn('sleep', ['9']).unref(); setTimeout(() => console.log('end'), 200)"),
        _js("new FinalizationRegistry(() => console.log('never')).register({}, 1); const a = new (require('async_hooks').AsyncLocalStorage)(); a.run(5, () => setImmediate(() => console.log(a.getStore()))); require('net').createServer().listen(0).unref()"),
        _js("const v = require('v8'); v.setFlagsFromString('--no-opt'); process.on('beforeExit', (c) => { if (!globalThis.x) { globalThis.x = 1; setTimeout(() => console.log('again'), 1) } }); process.exitCode = 3"),
        _js("const {fork} = require('child_process'); if (process.send) process.send('hi'); else fork(__filename).on('message', (m) => console.log(m))"),
    ],
    "typescript": [
        _ts("enum A { B = 'b' }\nconst f = (x: number): string => `${x}${A.B}`;\nprocess.on('exit', (c) => console.log('exit', c));\nconsole.log(f(5), process.argv, __filename, process.execArgv, Object.keys(process.env).sort());\nprocess.exitCode = 4;"),
        _ts("interface X { a: number }\n\nfunction f(x: X): never {\n\tthrow new Error('a ' + x.a);\n}\n\nf({ a: 1 });"), _ts("const x: = 5"), _ts(""), _ts("import { a } from './lib/a';\nconsole.log(a, require('fs').readFileSync(0, 'utf8'))", others={"lib__a.ts": "export const a: number = 5"}),
        _ts("const x = await Promise.resolve(1); console.log(x)"), _ts("class A { constructor(private x: number) {} get() { return this.x } }\nconsole.log(new A(5).get()); Promise.reject(new Error('rejected'))"),
        _ts("const a = 1;\nconst b = ;\nconst c = } 5;\n"), _ts("console.log({ a: 1, a: 2 } as any)"), _ts("import './none';\nexport const x = 1"), _ts("x: number = ) {;\n" * 20),
        _ts("console.log(require('crypto').createHash('sha256').update(require('fs').readFileSync(__filename)).digest('hex'), require('fs').readdirSync('.'), require('fs').readdirSync('/tmp'))"),
        _ts("import { view } from './lib/view';\nfunction d(...a: any[]): any {}\n@d class A { @d x = 1 }\nconsole.log(view, new A(), import.meta.url);",
            others={"lib__view.tsx": "const h = (...a: any[]) => a;\nexport const view = <a b={1}>text</a>;", "tsconfig.json": '{"compilerOptions": {"jsx": "react", "jsxFactory": "h"}}'}),
        _ts("console.log(1)", others={"tsconfig.json": "{", "package.json": "{"}),
    ],
    "java": [
        _java(r"""var p = new TreeMap<>(System.getProperties()); p.remove("java.io.tmpdir"); p.forEach((k, v) -> System.out.println(k + "=" + v)); System.out.println(new TreeMap<>(System.getenv()));
System.out.println(Arrays.toString(a) + ProcessHandle.current().pid() + ProcessHandle.current().info().arguments().map(Arrays::toString) + Runtime.getRuntime().availableProcessors() + " " + Runtime.getRuntime().maxMemory());
System.out.println(Main.class.getProtectionDomain().getCodeSource().getLocation() + " " + Main.class.getClassLoader().getClass() + ClassLoader.getSystemResource("data.txt") + Main.class.getModule() + Main.class.getResource("Main.class"));
System.out.println(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments() + " " + Thread.currentThread() + Thread.getAllStackTraces().keySet().stream().map(Thread::getName).sorted().toList());
System.out.println(System.identityHashCode(a) + " " + new Object().hashCode() + Locale.getDefault() + TimeZone.getDefault().getID() + java.nio.charset.Charset.defaultCharset() + System.console());
Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
String sh; try (var in = Main.class.getResourceAsStream("proc.sh")) { sh = new String(in.readAllBytes()); }
new ProcessBuilder("sh", "-c", sh).inheritIO().start().waitFor();
System.out.print(new String(System.in.readAllBytes())); System.err.println("to stderr"); throw new IllegalStateException("x", new RuntimeException("cause"));""", others={"data.txt": "data", "proc.sh": PROC_SORTED}),
        _java("System.exit(3);"), _java("int[] x = {1}; x[1]++;"), _java("f(); } static void f() { f();"), _java("var l = new ArrayList<long[]>(); while (true) l.add(new long[1 << 20]);"),
        _java("new Thread(() -> { throw new RuntimeException(\"in a thread\"); }).start(); Thread.sleep(50); System.out.println(\"on\");"), _java("Runtime.getRuntime().halt(5);"), _java("int x = \"text\";"),
        _java("var t = new Thread(() -> { try { Thread.sleep(9999); } catch (Exception e) {} }); t.setDaemon(true); t.start(); System.out.print(\"no end\");"), _java("Class.forName(\"Nothing\");"),
        _java("var s = new Scanner(System.in); while (s.hasNextLine()) System.out.println(\"<\" + s.nextLine() + \">\"); var m = new HashMap<String, Integer>(); for (var w : \"a b c d\".split(\" \")) m.merge(w, 1, Integer::sum); System.out.println(m);"),
        _java("try (var e = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) { System.out.println(e.submit(() -> 5).get()); } System.out.println(java.util.stream.IntStream.range(0, 100).parallel().sum() + B.f());", others={"B.java": "class B { static int f() { return 7; } }"}),
        _java("ProcessHandle.current().destroyForcibly();"), _java("new ProcessBuilder(\"kill\", \"-TERM\", \"\" + ProcessHandle.current().pid()).start(); Thread.sleep(9999);"),
        _java("System.out.println(java.nio.file.Files.readString(java.nio.file.Path.of(\"Main.java\")).length()); var r = new Random(5); System.out.println(r.nextInt() + Math.floorMod(-3, 2));"),
    ],
    "csharp": [
        _csharp(r"""static int Main(string[] a) { Console.WriteLine(string.Join(",", Environment.GetCommandLineArgs()) + a.Length + Environment.CurrentDirectory + Environment.Version + AppDomain.CurrentDomain.FriendlyName + AppDomain.CurrentDomain.BaseDirectory);
var e = Environment.GetEnvironmentVariables(); var k = new System.Collections.Generic.List<string>(); foreach (string n in e.Keys) k.Add(n + "=" + e[n]); k.Sort(string.CompareOrdinal); Console.WriteLine(string.Join("\n", k));
Console.WriteLine(System.Reflection.Assembly.GetExecutingAssembly().Location + System.Diagnostics.Process.GetCurrentProcess().Id + System.Globalization.CultureInfo.CurrentCulture + Console.OutputEncoding + Environment.ProcessorCount);
var i = new System.Diagnostics.ProcessStartInfo("sh", "proc.sh") { UseShellExecute = false }; System.Diagnostics.Process.Start(i).WaitForExit();
AppDomain.CurrentDomain.ProcessExit += (s, x) => Console.WriteLine("exit"); Console.Write(Console.In.ReadToEnd()); Console.Error.WriteLine("to stderr"); return 3; }""", others={"proc.sh": PROC_SORTED}),
        _csharp("static void Main() { throw new Exception(\"x\"); }"), _csharp("static void Main() { Environment.Exit(4); }"), _csharp("static void Main() { int x = \"text\"; }"), _csharp("static void F() { F(); } static void Main() { F(); }"),
        _csharp("static void Main() { string l; while ((l = Console.ReadLine()) != null) Console.WriteLine(l); Console.Write(\"end\"); }"),
        _csharp("static async System.Threading.Tasks.Task F() { await System.Threading.Tasks.Task.Delay(5); } static void Main() { F().Wait(); Console.WriteLine(new Random(5).Next() + string.Format(\"{0:C}\", 5)); }"),
        _csharp("static void Main() { new System.Threading.Thread(() => { throw new Exception(\"in a thread\"); }).Start(); System.Threading.Thread.Sleep(9999); Console.WriteLine(1); }"),
        _csharp("static void Main() { Console.WriteLine(1); }", others={"System.Core.dll": "no library"}), _csharp("static void Main() { Console.WriteLine(1); }", others={"mscorlib.dll": "no library"}),
        _csharp("static void Main() { int x = 5; Console.WriteLine(1); }"), _csharp("static void Main() { undefined(); int x; } void F() { return 1; }"), _csharp("static void Main() { Console.Write(System.Mine.A); } } namespace System.Mine { class A { }"),
        _csharp("static void Main() { Console.WriteLine(typeof(P).Assembly.GetName().Version); } } namespace System { class Int32 { }"), _csharp("static void Main() { Console.Write(2.F()); } } namespace System.Linq { static class E { public static int F(this int x) { return x; } }"),
        _csharp("static void Main() { Console.WriteLine(1); }", others={"main.exe.config": "<configuration></configuration>", "main.exe.so": "nothing"}),
    ],
    "lua": [
        _lua("#!/usr/bin/lua\nprint(arg[0], arg[-1], #arg, ..., debug.getinfo(1).source, debug.getinfo(1).currentline, os.getenv('LD_PRELOAD'))\nos.execute([==[" + PROC + "]==])\nfor l in io.lines() do print(l) end\n"
             "setmetatable({}, {__gc = function() print('collected') end})\nio.stderr:write('to stderr') os.exit(3, true)"),
        _lua("error('x')"), _lua("error({code = 2})"), _lua("error(setmetatable({}, {__tostring = function() return 'object' end}))"), _lua("x = = 1"), _lua(""), _lua("#"), _lua("\ufeffprint(1)"), _lua("return 5"), _lua("os.exit(false)"), _lua("os.exit(7)"),
        _lua("print(require('lib.a'), package.path)", others={"lib__a.lua": "return ..."}), _lua("print(io.read('n', 'l', 'L', 'a'))"), _lua("local function f() return f() + 1 end f()"), _lua("\27Lua"), _lua("print(require('cjson').encode({1}))"),
        _lua("local t, u = {}, {} for k in pairs(_G) do t[#t + 1] = k end for k in pairs(package.loaded) do u[#u + 1] = k end table.sort(t) table.sort(u) print(table.concat(t, ' '), table.concat(u, ' '), collectgarbage('count') > 0)"),
    ],
    "bash": [
        _bash("#!/bin/bash\nexec 3< \"$0\"; read -r line <&3; echo \"$line $LINENO ${BASH_SOURCE[0]} $BASHPID $- $SHLVL\"\nbash -c '" + PROC.replace("'", "'\\''") + "'\ntrap 'echo trapped $?' EXIT; cat; set -e; false; echo no"),
        _bash("echo a\nif then"), _bash(""), _bash("\n"), _bash("\x7fELF\x02\0\0\0"), _bash("nonsense\necho $?\nexit 300"), _bash("kill -9 $$"), _bash("kill -TERM $$; sleep 9"), _bash("read a; read -r b; echo \"$a|$b\"; head -1; echo rest; cat"),
        _bash("exec sh -c 'echo $0 $$'"), _bash(". ./lib.sh; f; echo $?; return 3; echo after", others={"lib.sh": "f() { echo ${BASH_SOURCE[@]} ${FUNCNAME[@]}; return 4; }"}), _bash("set -u; echo $nothing; echo no"), _bash("sleep 0.1 & wait; echo $!; jobs; history; type cd; shopt; set -o"),
        _bash("coproc cat; echo x >&${COPROC[1]}; read -r y <&${COPROC[0]}; echo $y; cat <(echo sub) | tac; echo ${PIPESTATUS[@]}; ulimit -a; umask; echo $((1 / 0)); echo ok"), _bash("echo a\0b; echo \"é\"\r\n"), _bash("while read -r l; do echo \"$l\"; done; cat <<X\n$0\nX"),
    ],
}

# Prints what two runs never share, an item a line. Each has so many bits that 10,000 runs do not meet by chance: an address has 28.
SEEDS = {
    "ruby": "require 'securerandom'; require 'tmpdir'; require 'tempfile'\n"
            "puts rand, Random.new_seed, Random.rand, SecureRandom.hex, 'a'.hash, :a.hash, srand, Dir.mktmpdir, Tempfile.new.path",
    "r": "cat(format(runif(1), digits = 15), format(rnorm(1), digits = 15), tempdir(), tempfile(), sep = '\\n')",
    "php": "<?php echo join(PHP_EOL, [mt_rand() . rand(), random_int(0, PHP_INT_MAX), bin2hex(random_bytes(8)), uniqid('', true), lcg_value(), "
           "tempnam('/tmp', 'x'), str_shuffle('abcdefghijklmnopqrst')]);",
    "perl": "use File::Temp; print \"$_\\n\" for rand() . srand, File::Temp->new, join '', keys %{{map { $_ => 1 } 'a'..'z'}}",
    "javascript": "const c = require('crypto'); for (const x of [Math.random(), c.randomUUID(), c.randomBytes(8).toString('hex'), "
                  "crypto.getRandomValues(new Uint32Array(2)).join(), require('fs').mkdtempSync('/tmp/x')]) console.log(x)",
    "typescript": "import * as c from 'crypto'; for (const x of [Math.random(), c.randomUUID(), c.randomBytes(8).toString('hex')]) console.log(x)",
    "java": "public class Main { public static void main(String[] a) throws Exception { for (Object o : new Object[] {Math.random(), new java.util.Random().nextLong(), "
            "java.util.concurrent.ThreadLocalRandom.current().nextLong(), new java.security.SecureRandom().nextLong(), java.util.UUID.randomUUID(), new java.util.SplittableRandom().nextLong(), "
            "java.nio.file.Files.createTempFile(null, null)}) System.out.println(o); } }",
    "csharp": "using System; class P { static void Main() { Console.WriteLine(Guid.NewGuid()); var b = new byte[8]; System.Security.Cryptography.RandomNumberGenerator.Create().GetBytes(b); "
              "Console.WriteLine(BitConverter.ToString(b)); Console.WriteLine(System.IO.Path.GetTempFileName()); } }",
    "lua": "print(math.random(0)) print(print, {}) print(os.tmpname())",
    "bash": "echo $RANDOM$RANDOM$RANDOM; echo $SRANDOM$SRANDOM; mktemp",
}


def _answer(server, language, request):
    reply = server.execute(language, **request)
    return reply.json if reply.status == 200 else {"status": reply.status, "error": reply.error}


def _but_times(answer):
    times = {"id", "wall_time_ms", "cpu_time_ms", "memory_peak_bytes", "time_ms", "memory_kb", "duration", "run"}
    rest = {name: value for name, value in answer.items() if name not in times | {"compile"}}
    if "compile" in answer:
        rest["compile"] = {name: value for name, value in answer["compile"].items() if name not in times | {"cached"}}
    return rest


def _stages(language, answer):
    """In how many stages a parked process could have served."""
    if "error" in answer:
        return 0
    compiled = language in COMPILED_PARKED and not answer["compile"]["cached"]
    return int(compiled) + int(answer["status"] != "compile_error")


def _parked(server, language, request, within=60):
    """The answer of the parked processes, one in each stage that has them."""
    end = time.monotonic() + within
    while True:
        before = server.metrics()["sandglass_runs_warm_total"]
        answer = _answer(server, language, request)
        if server.metrics()["sandglass_runs_warm_total"] >= before + _stages(language, answer):
            return answer
        assert time.monotonic() < end, f"{language}: no parked interpreter served it: {answer}"
        time.sleep(0.1)


def _difference(request, execd, parked):
    """What was asked, and the first line of each field that differs, both ways."""
    lines = [repr(request["files"][0]["content"][:100])]
    for name in sorted(set(execd) | set(parked)):
        one, other = (str(result.get(name)).split("\n") for result in (execd, parked))
        if one != other:
            at = next((i for i, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
            lines += [f"    {name} line {at + 1}: exec   {one[at:at + 3]!r}", f"    {name} line {at + 1}: parked {other[at:at + 3]!r}"]
    return "\n".join(lines)


def _settings(setting):
    return {"warm": setting, "slots_ready": 3, "warm_slots_max": 48}


def _have(server, language):
    if not any(r["versions"] for r in server.get("/v1/runtimes").json if r["id"] == language):
        raise Skip(f"no image holds {language}")


@cases(*LANGUAGES)
def a_parked_interpreter_answers_as_an_execd_one(language):
    with Server(_settings("off")) as server:
        _have(server, language)
        execd = [_but_times(_answer(server, language, request)) for request in PROGRAMS[language]]
    with Server(_settings("full")) as server:
        parked = [_but_times(_parked(server, language, request)) for request in PROGRAMS[language]]
    faults = [_difference(*row) for row in zip(PROGRAMS[language], execd, parked) if row[1] != row[2]]
    assert not faults, "\n".join(faults)


def a_parked_build_whose_esbuild_has_died_builds_all_the_same():
    with Server(_settings("full")) as server:
        _have(server, "typescript")
        wait_until(lambda: any("--service=" in host.command_line(p) for p in server.user_processes()), within=60)
        time.sleep(1)  # it practises
        for pid in server.user_processes():
            if "--service=" in host.command_line(pid):
                os.kill(pid, signal.SIGKILL)
        result = server.run("typescript", "enum A { B = 'built' }\nconsole.log(A.B)")
        assert (result["stdout"], result["compile"]["stderr"]) == ("built\n", ""), result


def _is_copied(server, language, stage):
    rows = server.get("/v1/capabilities").json["warm"]["runtimes"]
    return (language, stage, "zygote") in [(row["id"], row["stage"], row["way"]) for row in rows]


def a_copied_compiler_does_not_read_its_references_again():
    with Server(_settings("full")) as server:
        _have(server, "csharp")
        wait_until(lambda: _is_copied(server, "csharp", "compile"), within=60)
        answer = _parked(server, "csharp", _csharp("static void Main() { Console.WriteLine(1); }"))
        # with them it takes twice that
        assert answer["stdout"] == "1\n" and answer["compile"]["memory_peak_bytes"] < 24 << 20, answer


@cases(*LANGUAGES)
def no_two_parked_interpreters_share_their_randomness(language):
    with Server(_settings("full")) as server:
        _have(server, language)
        seen = []
        for _ in range(RUNS):
            result = _parked(server, language, {"code": SEEDS[language]})
            assert result["status"] == "ok" and not result["stderr"], result
            seen += result["stdout"].split("\n")[:-1]
        assert len(seen) >= 3 * RUNS and len(seen) == len(set(seen)), sorted(x for x in seen if seen.count(x) > 1)
