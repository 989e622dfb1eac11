import * as fs from "node:fs";

const data = fs.readFileSync(0);
let lines = 0;
for (const byte of data)
	if (byte === 10)
		lines++;
console.log(lines, data.length);
