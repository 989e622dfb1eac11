const n: string = 7;
console.log(n);
