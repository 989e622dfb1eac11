console.log((0.1 + 0.2).toFixed(17));
console.log(Math.sqrt(2).toFixed(15));
console.log(Math.PI.toFixed(10));
console.log((1 / 3).toFixed(6));
