console.log("before");
process.exit(37);
