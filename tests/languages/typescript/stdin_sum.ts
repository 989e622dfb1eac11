import * as fs from "node:fs";

const text = fs.readFileSync(0, "utf8");
console.log(text.split(/\s+/).filter(Boolean).reduce((sum, word) => sum + Number(word), 0));
