// SPDX-License-Identifier: Apache-2.0
// What a parked compiler complains of until a program comes.
package sandglass.practice;

import java.util.List;

public class Broken {
	static int twice(int x) {
		return undefined * 2;
	}

	public static void main(String[] args) {
		int number = "text";
		List<String> list = List.of(1);
		System.out.println(twice("x") + number + list.frist());
	}
}
