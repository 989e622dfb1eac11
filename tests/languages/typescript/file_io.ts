import * as fs from "node:fs";
import process from "node:process";

fs.writeFileSync("data.txt", "alpha\nbeta\n");
fs.appendFileSync("data.txt", "gamma\n");
process.stdout.write(fs.readFileSync("data.txt", "utf8"));
console.log(fs.statSync("data.txt").size);
fs.unlinkSync("data.txt");
console.log(fs.existsSync("data.txt") ? "no" : "yes");
