console.log("Grüße, 世界 🙂");
const line = require("fs").readFileSync(0, "utf8").trimEnd();
console.log(line);
console.log([...line].length);
