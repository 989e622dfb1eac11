// SPDX-License-Identifier: Apache-2.0
// The program around a function: calls execute(input) of function.ts and leaves what it returned as a file.
import * as fs from "node:fs";
import * as module from "./function";

// An empty file says that there was a value, but none that JSON has.
function leave(result: unknown): void {
	let text = "";
	try {
		text = result === undefined ? "null" : JSON.stringify(result) ?? "";
		if (!text)
			console.error(`execute() returned what is no JSON: ${typeof result}`);
	} catch (e) {
		console.error(`execute() returned what is no JSON: ${e}`);
	}
	fs.writeFileSync("/work/.output.json", text);
}

const execute = (module as any).$execute;
leave(await execute(JSON.parse(fs.readFileSync("/work/.input.json", "utf8"))));
process.exit(process.exitCode ?? 0);
