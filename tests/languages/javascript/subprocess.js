const done = require("child_process").spawnSync("sh", ["-c", "echo child; exit 3"], { encoding: "utf8" });
process.stdout.write(done.stdout);
console.log(done.status);
