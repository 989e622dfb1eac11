console.log(new Date(1704067200 * 1000).toISOString().slice(0, 19).replace("T", " "));
const begin = performance.now();
setTimeout(() => {
	const ms = performance.now() - begin;
	console.log(ms >= 45 && ms < 10000 ? "yes" : "no");
}, 50);
