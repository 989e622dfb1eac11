// SPDX-License-Identifier: Apache-2.0
// The examples of RunTools' older documents: each called with its client, which was never published; so this is it.
const rt = {
  async execute(request) {
    const reply = await fetch(`${process.env.BASE_URL}/v1/execute`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${process.env.API_KEY}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(request),
    });
    const body = await reply.json();
    if (!reply.ok) throw new Error(JSON.stringify(body));
    return body.data;
  },
};

const examples = {
  async quick_start() {
    const result = await rt.execute({ runtime: 'python', code: 'print(sum([1, 2, 3, 4, 5]))' });
    console.log(JSON.stringify(result.stdout), result.exitCode, Number.isInteger(result.executionTime));
  },
  async python() {
    const result = await rt.execute({
      runtime: 'python',
      code: `
import numpy as np

arr = np.array([1, 2, 3, 4, 5])
print(f"Sum: {arr.sum()}")
print(f"Mean: {arr.mean()}")
print(f"Std: {arr.std():.2f}")
  `,
    });
    process.stdout.write(result.stdout);
  },
  async node() {
    const result = await rt.execute({
      runtime: 'node',
      code: `
const numbers = Array.from({ length: 10 }, (_, i) => i * i);
console.log('Squares:', numbers);
console.log('Sum:', numbers.reduce((a, b) => a + b, 0));
  `,
    });
    process.stdout.write(result.stdout);
  },
  async go() {
    const result = await rt.execute({
      runtime: 'go',
      code: `
package main

import "fmt"

func main() {
    sum := 0
    for i := 1; i <= 5; i++ {
        sum += i
    }
    fmt.Printf("Sum: %d\\n", sum)
}
  `,
    });
    process.stdout.write(result.stdout);
  },
  async rust() {
    const result = await rt.execute({
      runtime: 'rust',
      code: `
fn main() {
    let numbers: Vec<i32> = (1..=5).collect();
    let sum: i32 = numbers.iter().sum();
    println!("Numbers: {:?}", numbers);
    println!("Sum: {}", sum);
}
  `,
    });
    process.stdout.write(result.stdout);
  },
  async several_files() {
    const result = await rt.execute({
      runtime: 'python',
      files: {
        'main.py': `
import helper
print(helper.greet("World"))
    `,
        'helper.py': `
def greet(name):
    return f"Hello, {name}!"
    `,
      },
      entrypoint: 'main.py',
    });
    process.stdout.write(result.stdout);
  },
  async timeout() {
    const result = await rt.execute({ runtime: 'python', code: 'import time; time.sleep(60)', timeout: 5000 });
    if (result.timedOut) {
      console.log('Execution timed out');
    }
  },
  async stdin() {
    const result = await rt.execute({
      runtime: 'python',
      code: `
name = input("What's your name? ")
print(f"Hello, {name}!")
  `,
      stdin: 'Alice\n',
    });
    process.stdout.write(result.stdout);
  },
  async error() {
    const result = await rt.execute({ runtime: 'python', code: 'raise ValueError("Something went wrong")' });
    console.log(result.exitCode);
    console.log(result.stderr.split('\n')[0]);
    console.log(result.stderr.trim().split('\n').pop());
  },
};

await examples[process.argv[2]]();
