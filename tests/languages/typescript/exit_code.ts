import process from "node:process";

console.log("before");
process.exit(37);
