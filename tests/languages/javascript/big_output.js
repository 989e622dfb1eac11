const line = "0123456789".repeat(7) + "012345678";
for (let i = 0; i < 20000; i++)
	console.log(line);
