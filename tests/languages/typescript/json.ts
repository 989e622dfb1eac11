import * as fs from "node:fs";

const document = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(document.name, document.tags.length, document.n + 1);
console.log(JSON.stringify({ ok: true, list: [1, 2, 3] }));
