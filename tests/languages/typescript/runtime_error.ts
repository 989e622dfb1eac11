console.log("before");
const nothing: any = undefined;
console.log(nothing.name);
