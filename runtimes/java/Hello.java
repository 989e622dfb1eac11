// SPDX-License-Identifier: Apache-2.0
// What a copy of the parked compiler compiles before its program comes, so that what any program takes is its own.
package sandglass.practice;

public class Hello {
	public static void main(String[] args) {
		System.out.println("Hello " + args.length);
	}
}
