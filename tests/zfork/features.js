// SPDX-License-Identifier: Apache-2.0
// Much of what Node.js does with threads, loops and processes. What it prints has to be the same whichever way it was
// started; lines of things that end in no certain order are sorted.
const lines = [], say = (...words) => lines.push(words.join(' '));
const fs = require('fs'), cp = require('child_process'), crypto = require('crypto');
const {Worker} = require('worker_threads');

console.log(__filename, require.main === module, process.argv.length, process.cwd(), process.argv0, process.title);
console.log('pid', process.pid === Number(fs.readlinkSync('/proc/self')), JSON.stringify(Object.getOwnPropertyDescriptor(process, 'pid')));
console.log(Object.keys(process.env).sort().join(), process.execArgv.join());
console.log('clock', typeof performance.now(), Math.abs(Date.now() - performance.timeOrigin - performance.now()) < 1000);
const link = path => { try { return fs.readlinkSync(path) } catch { return '' } };
console.log(fs.readdirSync('/proc/self/task').length, fs.readdirSync('/proc/self/fd').filter(fd => fd < 100).map(fd => link('/proc/self/fd/' + fd).replace(/\d+/, '')).sort().join());
setTimeout(() => say('timer'), 5);
setImmediate(() => say('immediate'));
process.nextTick(() => say('tick'));
Promise.resolve().then(() => say('promise'));
fs.readFile('/etc/passwd', (error, data) => say('readFile', error, data.length > 0));
fs.promises.readFile(__filename, 'utf8').then(text => say('promises', text.length));
fs.promises.writeFile('/work/a', 'text').then(() => fs.promises.rename('/work/a', '/work/b')).then(() => say('renamed', fs.readFileSync('/work/b', 'utf8')));
crypto.pbkdf2('a', 'b', 1000, 32, 'sha256', (error, key) => say('pbkdf2', key.toString('hex')));
crypto.randomBytes(8, (error, bytes) => say('randomBytes', bytes.length));
require('zlib').gzip('abc'.repeat(100), (error, data) => say('gzip', require('zlib').gunzipSync(data).length));
console.log('execSync', cp.execSync('echo sub; exit 0').toString().trim());
console.log('spawnSync', cp.spawnSync('sh', ['-c', 'exit 3']).status);
cp.exec('echo async', (error, out) => say('exec', out.trim()));
const cat = cp.spawn('cat');
cat.stdout.on('data', data => say('cat', data.toString().trim()));
cat.on('close', (code, signal) => say('cat closed', code, signal));
cat.stdin.end('piped');
cp.fork('/work/child.js').on('message', text => say('fork', text));
const worker = new Worker('const {parentPort} = require("worker_threads"); parentPort.postMessage([40 + 2, Math.random() !== 0])', {eval: true});
worker.on('message', message => say('worker', message));
worker.on('exit', code => say('worker exit', code));
require('http').createServer((request, reply) => reply.end('ok')).listen(0, '127.0.0.1', function () {
	fetch(`http://127.0.0.1:${this.address().port}`, {headers: {connection: 'close'}}).then(reply => reply.text()).then(text => {
		say('fetch', text);
		this.close();
		this.closeAllConnections();
	}).catch(error => say('fetch', error.cause ?? error));
});
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
WebAssembly.instantiate(wasm).then(({instance}) => say('wasm', instance.exports.add(2, 3)));
require('dns').lookup('127.0.0.1', (error, address) => say('dns', error, address));
import('fs').then(module => say('import', typeof module.readFileSync));
import('/work/more.mjs').then(module => say('more', module.default));
process.on('SIGUSR2', signal => say('signal', signal));
process.kill(process.pid, 'SIGUSR2');
const channel = new MessageChannel();
channel.port1.on('message', text => (say('port', text), channel.port1.close()));
channel.port2.postMessage('sent');
const shared = new Int32Array(new SharedArrayBuffer(4));
say('wait', Atomics.wait(shared, 0, 0, 2));

let sum = 0, kept = [];
for (let i = 0; i < 3e6; i++)
	sum = (sum * 31 + i) | 0;
for (let i = 0; i < 3e5; i++) {
	kept.push({i, text: 'k' + i});
	if (kept.length > 100000)
		kept = [];
}
globalThis.gc?.();
console.log('compiled', sum, kept.length);
process.stdin.resume();
require('readline').createInterface({input: process.stdin}).on('line', line => say('line', line)).on('close', () => say('end of input'));
process.on('exit', code => {
	console.log(lines.sort().join('\n'));
	console.log('exit', code);
});
const mode = fs.readFileSync('/work/mode', 'utf8');
process.exitCode = 7;
process.once('beforeExit', () => {
	if (mode === 'throw')
		throw new TypeError('uncaught');
	if (mode === 'reject')
		Promise.reject(new Error('rejected'));
	if (mode === 'exit')
		process.exit(9);
	if (mode === 'kill')
		process.kill(process.pid, 'SIGKILL');
});
