function add(n: number): number {
	return n ? n + add(n - 1) : 0;
}

console.log(add(5000));
