import { Buffer } from "node:buffer";

console.log("begin");
const kept: Buffer[] = [];
for (;;)
	kept.push(Buffer.alloc(1 << 20, "x"));
