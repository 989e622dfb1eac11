// Web workers, each with its program as a data: URL.
const source = `self.onmessage = ({ data }) => {
	for (let i = 0; i < 10000; i++)
		Atomics.add(data, 0, 1);
	self.postMessage("done");
};`;
const total = new Int32Array(new SharedArrayBuffer(4));
let left = 4;
for (let i = 0; i < 4; i++) {
	const worker = new Worker("data:text/javascript," + encodeURIComponent(source), { type: "module" });
	worker.onmessage = () => {
		worker.terminate();
		if (--left === 0)
			console.log(total[0]);
	};
	worker.postMessage(total);
}
