// SPDX-License-Identifier: Apache-2.0
// What a parked Node.js does while it waits (docs/runtimes.md, Warm starts): it loads the modules behind process.stdout
// and compiles the functions behind console.log. No stream, handle, timer or tick is made.
(() => {
	const load = process.getBuiltinModule, nothing = () => 0;
	for (const name of ['stream', 'net', 'tty', 'fs', 'path', 'util', 'events', 'buffer', 'timers'])
		load(name);
	const stream = {write: nothing, on: nothing, once: nothing, removeListener: nothing, listenerCount: nothing};
	new (load('console').Console)(stream).log('%s', 'text', 5, {a: [1, 'b', null, undefined]});
})();
