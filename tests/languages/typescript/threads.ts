import { Worker } from "node:worker_threads";

const source = `const { workerData } = require("node:worker_threads");
for (let i = 0; i < 10000; i++)
	Atomics.add(workerData, 0, 1);`;
const total = new Int32Array(new SharedArrayBuffer(4));
let left = 4;
for (let i = 0; i < 4; i++)
	new Worker(source, { eval: true, workerData: total }).on("exit", () => --left || console.log(total[0]));
