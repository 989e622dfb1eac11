const { Worker, isMainThread, workerData } = require("worker_threads");

if (isMainThread) {
	const total = new Int32Array(new SharedArrayBuffer(4));
	const workers = Array.from({ length: 4 }, () => new Worker(__filename, { workerData: total }));
	let left = workers.length;
	for (const worker of workers)
		worker.on("exit", () => --left || console.log(total[0]));
} else {
	for (let i = 0; i < 10000; i++)
		Atomics.add(workerData, 0, 1);
}
