export function answer(): string {
	return `the answer is ${6 * 7}`;
}
