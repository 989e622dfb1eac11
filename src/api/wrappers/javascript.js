// SPDX-License-Identifier: Apache-2.0
// The program around a function: calls execute(input) of function.js and leaves what it returned as a file.
'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const vm = require('node:vm');

const FILE = '/work/function.js';
const source = fs.readFileSync(FILE, 'utf8');

function isCommonJs() {
	try {
		new vm.Script(Module.wrap(source));
		return true;
	} catch {
		return false;
	}
}

function fromCommonJs() {
	const module = new Module(FILE, require.main);
	module.filename = FILE;
	module.paths = ['/work/node_modules'];
	module._compile(`${source}\n;if (typeof execute === 'function') module.$execute = execute;`, FILE);
	return module.$execute ?? module.exports?.execute;
}

async function importAs(name, text) {
	fs.writeFileSync(name, text);
	return import(`file://${name}`);
}

// A name that is not declared is an error of linking: nothing of the module has run by then.
async function fromModule() {
	globalThis.require ??= Module.createRequire('/work/');
	try {
		return (await importAs('/work/function.mjs', `${source}\nexport { execute as $execute };\n`)).$execute;
	} catch (e) {
		if (!(e instanceof SyntaxError) || !/'?execute'? is not defined/.test(e.message))
			throw e;
		const module = await importAs('/work/function_plain.mjs', source);
		return module.execute ?? module.default?.execute;
	}
}

// An empty file says that there was a value, but none that JSON has.
function leave(result) {
	let text = '';
	try {
		text = result === undefined ? 'null' : JSON.stringify(result) ?? '';
		if (!text)
			console.error(`execute() returned what is no JSON: ${typeof result}`);
	} catch (e) {
		console.error(`execute() returned what is no JSON: ${e}`);
	}
	fs.writeFileSync('/work/.output.json', text);
}

(async () => {
	const execute = isCommonJs() ? fromCommonJs() : await fromModule();
	if (typeof execute !== 'function')
		throw new TypeError('the code defines no function execute(input)');
	leave(await execute(JSON.parse(fs.readFileSync('/work/.input.json', 'utf8'))));
	process.exit(process.exitCode ?? 0);
})();
