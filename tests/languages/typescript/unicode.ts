import * as fs from "node:fs";

console.log("Grüße, 世界 🙂");
const line = fs.readFileSync(0, "utf8").trimEnd();
console.log(line);
console.log([...line].length);
