import { spawnSync } from "node:child_process";
import process from "node:process";

const done = spawnSync("sh", ["-c", "echo child; exit 3"], { encoding: "utf8" });
process.stdout.write(done.stdout);
console.log(done.status);
