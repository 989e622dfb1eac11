import process from "node:process";

console.log("before");
process.kill(process.pid, "SIGKILL");
