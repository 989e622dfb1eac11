console.log(process.env.GREETING);
console.log(`[${process.env.EMPTY}]`);
console.log(process.env.HOME);
console.log(process.env.LANG);
