const numbers = [];
for (let i = 0, x = 42; i < 100000; i++) {
	numbers.push(x);
	x = (x * 16807) % 2147483647;
}
numbers.sort((a, b) => a - b);
console.log(numbers[0], numbers[50000], numbers[99999]);
