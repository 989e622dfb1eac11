const text = require("fs").readFileSync(0, "utf8");
for (const [, user, place] of text.matchAll(/(\w+)@(\w+)\.com/g))
	console.log(user, "at", place);
process.stdout.write(text.replace(/\d/g, "#"));
