// SPDX-License-Identifier: Apache-2.0
// Keeps Node.js alive between the executes of a session (src/engine/resident_frame.h). It stands in the place of the
// program and takes itself out of sight. Code is evaluated as the console of a browser does it: what let, const and class
// declare stays, may be declared again, and await stands anywhere. An execute is over when its last value is there and
// nothing is left to do, as the program would be; but for servers that wait to be called.
'use strict';
(() => {
	const fs = require('fs'), vm = require('vm'), util = require('util'), net = require('net');
	const inspector = require('inspector'), {createRequire} = require('module');
	const HEAD = 64, TOKEN = 32, CONTROL = 99; // src/engine/resident_frame.h, src/ipc/payload.h
	const PARTS_MAX = 64, VALUES_MAX = 32, LOOK_MS = 20;

	class Exit {
		constructor(code) {
			this.code = code;
		}
	}

	// --- descriptors ---

	const requests = fs.openSync('/proc/self/fd/0', 'r'), answers = fs.openSync(`/proc/self/fd/${CONTROL}`, 'w');
	fs.closeSync(CONTROL);
	const identity = [requests, answers].map((fd) => fs.fstatSync(fd).ino);
	const channel = new net.Socket({fd: requests, readable: true, writable: false});
	let received = [], length = 0, stdin;

	// The code may have closed them, or have something else in their place: then nobody hears from it again.
	function check() {
		try {
			if ([requests, answers].every((fd, i) => fs.fstatSync(fd).ino === identity[i]))
				return;
		} catch {}
		process.reallyExit(70);
	}

	function write(data) {
		for (let at = 0; at < data.length;)
			at += fs.writeSync(answers, data, at);
	}

	function placeStdin(data) {
		const file = `/tmp/.stdin-${process.pid}`;
		try {
			fs.closeSync(0);
		} catch {}
		if (data.length)
			fs.writeFileSync(file, data);
		fs.openSync(data.length ? file : '/dev/null', 'r'); // the lowest that is free: 0
		if (data.length)
			fs.unlinkSync(file);
		stdin = undefined;
	}

	Object.defineProperty(process, 'stdin', {
		configurable: true, enumerable: true,
		get: () => stdin ??= new fs.ReadStream(null, {fd: 0, autoClose: false}),
	});

	// --- values ---

	let room, parts, shown;

	const makers = [
		['text', (value, rich) => rich?.['text/plain'] ?? util.inspect(value)],
		['html', (value, rich) => rich?.['text/html']],
		['json', (value, rich) => rich && 'application/json' in rich ? JSON.stringify(rich['application/json']) : undefined],
		['png', (value, rich) => rich?.['image/png'] === undefined ? undefined : Buffer.from(rich['image/png'], 'base64')],
	];

	// The protocol of Deno's and other notebooks: a method that returns a form for each media type.
	async function formsOf(value) {
		const display = value?.[Symbol.for('Jupyter.display')];
		const rich = typeof display === 'function' ? await display.call(value) : undefined;
		const forms = [];
		for (const [kind, maker] of makers) {
			const form = maker(value, rich);
			if (form === undefined || form === null)
				continue;
			const data = Buffer.isBuffer(form) ? form : Buffer.from(String(form));
			if (data.length > room || parts === PARTS_MAX) {
				console.error(`sandglass: a value of ${data.length} bytes is too large to be shown`);
				continue;
			}
			room -= data.length;
			parts++;
			forms.push([kind, data]);
		}
		return forms;
	}

	async function display(...values) {
		for (const value of values)
			if (shown.length < VALUES_MAX) {
				const forms = [];
				shown.push(forms);
				forms.push(...await formsOf(value));
			}
	}

	// --- running ---

	const session = new inspector.Session();
	session.connect();
	const post = (method, parameters) => {
		const promise = {};
		const settled = new Promise((resolve, reject) => Object.assign(promise, {resolve, reject}));
		settled.catch(() => {}); // where SIGINT ends the next call nobody else does
		session.post(method, parameters, (error, result) => error ? promise.reject(error) : promise.resolve(result));
		return settled;
	};
	let current; // the execute, until it is answered

	// What the inspector calls a value, as the value.
	const box = {};
	let boxId;

	async function unbox(remote) {
		const argument = remote.objectId ? {objectId: remote.objectId} :
			'unserializableValue' in remote ? {unserializableValue: remote.unserializableValue} : {value: remote.value};
		await post('Runtime.callFunctionOn', {objectId: boxId, functionDeclaration: 'function (value) { this.value = value; }', arguments: [argument]});
		const {value} = box;
		box.value = undefined;
		return value;
	}

	function print(error) {
		if (error instanceof Error && typeof error.stack === 'string')
			error.stack = error.stack.split('\n').filter((line) => !/ \(?(node:(inspector|vm)|evalmachine\.)|main\.js:\d+:\d+\)?$/.test(line)).join('\n');
		process.stderr.write(`Uncaught ${util.inspect(error)}\n`);
	}

	// What an execute has begun and not ended goes on, but is nothing that the next one waits for.
	const timers = new Set();

	function letGo() {
		for (const timer of timers)
			timer.deref()?.unref();
		timers.clear();
		for (const handle of process._getActiveHandles())
			if (handle !== channel)
				handle.unref?.();
	}

	for (const module of [globalThis, require('timers')])
		for (const name of ['setTimeout', 'setInterval']) {
			const begin = module[name];
			module[name] = Object.defineProperties((...given) => {
				const timer = begin(...given);
				timers.add(new WeakRef(timer));
				return timer;
			}, Object.getOwnPropertyDescriptors(begin));
		}

	function end(outcome, exitCode, forms = []) {
		if (!current)
			return;
		letGo();
		const {token} = current;
		current = undefined;
		check();
		const values = [forms, ...shown], lines = [];
		values.forEach((value, i) => value.forEach(([kind, data]) => lines.push(Buffer.from(`${i} ${kind} ${data.length}\n`), data)));
		write(Buffer.concat([Buffer.from(`${token} ${outcome} ${exitCode} ${lines.length / 2}\n`), ...lines]));
		channel.ref();
		setImmediate(take);
	}

	function fail(error) {
		if (error instanceof Exit) {
			end('exit', error.code);
		} else {
			print(error);
			end('error', 1);
		}
	}

	const script = new vm.Script(`globalThis[Symbol.for('sandglass')]()`);

	// A script can have no import statement, and what is evaluated here no import(): both become calls of ours.
	function withImports(source) {
		if (!/\bimport\b/.test(source))
			return source;
		const names = (list) => list.replace(/\s+as\s+/g, ': ');
		return source
			.replace(/^([ \t]*)import\s*(['"][^'"\n]+['"])/gm, '$1await __import($2);')
			.replace(/^([ \t]*)import\s+(?:([\w$]+)\s*,?\s*)?(?:\*\s*as\s+([\w$]+)\s*|\{([^}]*)\}\s*)?from\s*(['"][^'"\n]+['"])/gm,
				(all, space, value, module, list, from) => `${space}const ${[
					value && `{default: ${value}}`, module, list !== undefined && `{${names(list)}}`,
				].filter(Boolean).map((pattern) => `${pattern} = await __import(${from})`).join(', ')};`)
			.replace(/(?<![.\w$'"`])import\s*\(/g, '__import(');
	}

	// Within this call SIGINT ends what runs; afterwards, while something is awaited, the handler below does.
	function start(source, name) {
		let result;
		globalThis[Symbol.for('sandglass')] = () => {
			delete globalThis[Symbol.for('sandglass')];
			result = post('Runtime.evaluate', {expression: `${withImports(source)}\n//# sourceURL=${name}`, replMode: true, awaitPromise: true});
		};
		script.runInThisContext({breakOnSigint: true, displayErrors: false});
		return result;
	}

	async function evaluate(execute) {
		try {
			const result = await start(execute.source, `main.js[${execute.number}]`);
			const value = await unbox(result.result);
			if (current !== execute)
				return;
			if (result.exceptionDetails) {
				fail(value);
				return;
			}
			execute.forms = value === undefined ? [] : await formsOf(value);
			execute.settled = true;
		} catch (error) {
			if (current !== execute)
				return;
			if (error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' || error.code === 'ERR_INSPECTOR_COMMAND')
				end('interrupted', 130);
			else
				fail(error);
		}
	}

	function endIfSettled() {
		if (current?.settled)
			end(process.exitCode ? 'error' : 'ok', Number(process.exitCode ?? 0) & 255, current.forms);
	}

	// Nothing is left but servers, which would wait for ever.
	function look() {
		const left = new Set(process.getActiveResourcesInfo?.() ?? []);
		if (current?.settled && left.has('TCPServerWrap') && left.size === 1)
			endIfSettled();
	}

	function take() {
		if (current || length < HEAD)
			return;
		let all = Buffer.concat(received);
		const [, codeBytes, stdinBytes, most, number] = all.toString('latin1', 0, HEAD).trim().split(' ').map(Number);
		const whole = HEAD + codeBytes + stdinBytes + TOKEN;
		received = [all];
		if (length < whole)
			return;
		received = [all.subarray(whole)];
		length -= whole;
		all = all.subarray(HEAD, whole);
		current = {source: all.toString('utf8', 0, codeBytes), number, settled: false,
			token: all.toString('latin1', codeBytes + stdinBytes).trim()};
		room = most;
		parts = 0;
		shown = [];
		process.exitCode = undefined;
		channel.unref();
		placeStdin(all.subarray(codeBytes, codeBytes + stdinBytes));
		evaluate(current);
	}

	// --- the process ---

	process.exit = (code = process.exitCode ?? 0) => {
		throw new Exit(Number(code) & 255);
	};
	process.on('uncaughtException', fail);
	process.on('SIGINT', () => end('interrupted', 130));
	process.on('beforeExit', endIfSettled);
	setInterval(look, LOOK_MS).unref();
	channel.on('data', (data) => {
		received.push(data);
		length += data.length;
		take();
	});
	channel.on('end', () => process.reallyExit(0)); // there is no server any more
	try {
		fs.renameSync('.sandglass-program', 'main.js');
	} catch {
		fs.unlinkSync('main.js');
	}
	Object.defineProperty(globalThis, '__import', {value: (name) => import(name)});
	Object.assign(globalThis, {require: createRequire(`${process.cwd()}/main.js`), module, exports: module.exports,
		__filename: `${process.cwd()}/main.js`, __dirname: process.cwd(), display});
	globalThis[Symbol.for('sandglass')] = box;
	session.post('Runtime.evaluate', {expression: `globalThis[Symbol.for('sandglass')]`}, (error, {result}) => {
		boxId = result.objectId;
	});
	delete globalThis[Symbol.for('sandglass')];
})();
