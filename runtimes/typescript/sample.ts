// SPDX-License-Identifier: Apache-2.0
// What a parked esbuild builds until a program comes: some of everything.
import * as fs from 'fs';
import { readFileSync, type PathLike } from 'node:fs';
import { EventEmitter } from 'events';

enum Colour { Red, Green = 'green', Blue = 1 << 2 }

interface Shape { readonly area: number; name?: string }

type Pair<A, B = A> = [first: A, second?: B];

namespace Units {
	export const metre = 1;
	export namespace Small { export const gram = metre / 1000; }
}

function logged<T extends Function>(target: T, context: unknown): T | void {
	console.log(target.name, String(context));
}

abstract class Base<T> implements Shape {
	static count = 0;
	#hidden: T;
	declare name?: string;

	constructor(protected readonly value: T, private other = 5) {
		this.#hidden = value;
		Base.count++;
	}

	abstract get area(): number;

	get hidden(): T { return this.#hidden; }

	*items(): Generator<T, void, unknown> { yield this.value; }
}

class Square extends Base<number> {
	override get area(): number { return this.value ** 2; }

	static async make(side: number): Promise<Square> {
		await new Promise<void>(resolve => setTimeout(resolve, side));
		return new Square(side);
	}
}

function over(x: string): string;
function over(x: number): number;
function over(x: any) { return x!; }

const { a = 1, ...rest }: Record<string, number> = { a: 2, b: 3 };
const words = new Map<string, Pair<number>>([['é', [1, 2]]]);
const text = `${Colour.Green} ${words.size} ${rest.b?.toFixed(2) ?? 'none'} ${Units.Small.gram}`;

async function main(path: PathLike = '/dev/null'): Promise<void> {
	const square = await Square.make(2);
	const data = readFileSync(path, 'utf8') satisfies string;
	label: for (const [key, [first]] of words) {
		for (let i = 0; i < first; i++) {
			if (i % 2 === 0) continue label;
			console.log(key, i);
		}
	}
	switch (data.length) {
	case 0: console.log(text, square.area, [...square.items()], over(5)); break;
	default: throw new TypeError('not empty');
	}
	try {
		new EventEmitter().emit('error', /[a-z]+(?<n>\d)/giu.exec(text)?.groups?.n as unknown);
	} catch (error: unknown) {
		console.error(error instanceof Error ? error.message : fs.existsSync('x'));
	} finally {
		console.log(typeof logged, a);
	}
}

main().catch((error) => { console.error(error); process.exitCode = 1; });

export { Square, type Shape };
