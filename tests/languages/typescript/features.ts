enum Colour { Red = 1, Green }

namespace Shapes {
	export const sides = 4;
}

class Point {
	constructor(public x: number, private y: number) {}

	get sum(): number {
		return this.x + this.y;
	}
}

function last<T>(items: readonly T[]): T | undefined {
	return items.at(-1);
}

console.log(Colour[Colour.Green], Shapes.sides, new Point(1, 2).sum, last(["a", "b"]) satisfies string | undefined);
