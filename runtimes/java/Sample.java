// SPDX-License-Identifier: Apache-2.0
// What a parked compiler compiles until a program comes: some of everything.
package sandglass.practice;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.*;
import java.util.stream.*;

public class Sample {
	interface Named {
		String name();

		default String greeting() {
			return "Hello, " + name() + "!";
		}
	}

	sealed interface Shape permits Square, Circle {
		double area();
	}

	record Square(double side) implements Shape {
		public double area() {
			return side * side;
		}
	}

	record Circle(double radius) implements Shape {
		Circle {
			if (radius < 0)
				throw new IllegalArgumentException("radius: " + radius);
		}

		public double area() {
			return Math.PI * radius * radius;
		}
	}

	enum Colour implements Named {
		RED("#f00"), GREEN("#0f0") {
			@Override String code() {
				return "green";
			}
		};

		private final String text;

		Colour(String text) {
			this.text = text;
		}

		String code() {
			return text;
		}
	}

	abstract static class Animal implements Comparable<Animal> {
		protected final String name;
		private static int count;

		Animal(String name) {
			this.name = name;
			count++;
		}

		abstract String sound();

		@Override public int compareTo(Animal other) {
			return name.compareTo(other.name);
		}

		@Override public boolean equals(Object other) {
			return other instanceof Animal animal && animal.name.equals(name);
		}

		@Override public int hashCode() {
			return Objects.hash(name);
		}

		@Override public String toString() {
			return String.format("%s (%d) says %s", name, count, sound());
		}
	}

	static final class Dog extends Animal {
		Dog(String name) {
			super(name);
		}

		@Override String sound() {
			return "wow";
		}
	}

	static class Node<T extends Comparable<T>> {
		T value;
		Node<T> left, right;

		Node(T value) {
			this.value = value;
		}

		void insert(T other) {
			if (other.compareTo(value) < 0) {
				if (left == null)
					left = new Node<>(other);
				else
					left.insert(other);
			} else if (right == null) {
				right = new Node<>(other);
			} else {
				right.insert(other);
			}
		}

		void each(Consumer<? super T> action) {
			if (left != null)
				left.each(action);
			action.accept(value);
			if (right != null)
				right.each(action);
		}
	}

	static class Fault extends Exception {
		private final int code;

		Fault(String message, int code) {
			super(message);
			this.code = code;
		}

		int code() {
			return code;
		}
	}

	private static final Map<String, Integer> CACHE = new HashMap<>();
	private static final int[][] GRID = {{1, 2, 3}, {4, 5, 6}};

	static <T extends Comparable<T>> T most(Collection<? extends T> of) {
		return of.stream().max(Comparator.naturalOrder()).orElseThrow();
	}

	static long fibonacci(int n) {
		return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
	}

	static int sum(int... numbers) {
		int sum = 0;
		for (int number : numbers)
			sum += number;
		return sum;
	}

	static String describe(Object object) {
		return switch (object) {
			case null -> "nothing";
			case Integer i when i > 10 -> "large " + i;
			case Integer i -> "small " + i;
			case Circle(double radius) -> "circle " + radius;
			case String s -> s.isBlank() ? "blank" : s.toUpperCase();
			default -> object.getClass().getSimpleName();
		};
	}

	static int day(String name) {
		switch (name) {
		case "monday":
			return 1;
		case "tuesday":
		case "wednesday":
			return 2;
		default:
			return -1;
		}
	}

	static boolean[] sieve(int most) {
		boolean[] composite = new boolean[most + 1];
		for (int i = 2; (long) i * i <= most; i++)
			for (int j = i * i; !composite[i] && j <= most; j += i)
				composite[j] = true;
		return composite;
	}

	static void fail(int code) throws Fault {
		if (code > 0)
			throw new Fault("code " + code, code);
	}

	private synchronized void count() {
		outer:
		for (int i = 0; i < 10; i++) {
			for (int j = 0; j < 10; j++) {
				if (j == 5)
					continue outer;
				if (i * j > 12)
					break outer;
			}
		}
	}

	static List<String> read() throws IOException {
		List<String> lines = new ArrayList<>();
		try (var reader = new BufferedReader(new InputStreamReader(System.in))) {
			for (String line; (line = reader.readLine()) != null;)
				lines.add(line.trim());
		}
		return lines;
	}

	public static void main(String[] args) throws Exception {
		Map<String, List<Integer>> map = new TreeMap<>();
		for (String arg : args)
			map.computeIfAbsent(arg, key -> new ArrayList<>()).add(arg.length());
		for (Map.Entry<String, List<Integer>> entry : map.entrySet())
			System.out.println(entry.getKey() + ": " + entry.getValue());
		String colours = Stream.of(Colour.values()).map(colour -> switch (colour) {
			case RED -> "red";
			case GREEN -> "green";
		}).collect(Collectors.joining(",", "[", "]"));
		System.out.printf("%s %s %s%n", map, most(List.of(1, 2)), colours);
		Node<Integer> root = new Node<>(5);
		for (int number : new int[] {3, 8, 1, 4})
			root.insert(number);
		StringBuilder builder = new StringBuilder();
		root.each(value -> builder.append(value).append(' '));
		System.out.println(builder.reverse().toString().trim());
		List<Animal> animals = new LinkedList<>(List.of(new Dog("Rex"), new Animal("Cat") {
			@Override String sound() {
				return "meow";
			}
		}));
		Collections.sort(animals);
		animals.forEach(System.out::println);
		animals.removeIf(animal -> animal.name.startsWith("R"));
		Deque<Integer> stack = new ArrayDeque<>();
		Queue<int[]> queue = new PriorityQueue<>((a, b) -> Integer.compare(a[0], b[0]));
		queue.offer(new int[] {1, 2});
		while (!queue.isEmpty())
			stack.push(queue.poll()[0]);
		int[] numbers = IntStream.rangeClosed(1, 10).filter(n -> n % 2 == 0).map(n -> n * n).toArray();
		System.out.println(Arrays.toString(numbers) + " " + sum(numbers) + " " + fibonacci(10) + " " + day("monday"));
		Map<Boolean, Long> parts = Arrays.stream(numbers).boxed().collect(Collectors.partitioningBy(n -> n > 20, Collectors.counting()));
		var groups = Stream.of("a", "bb", "cc").collect(Collectors.groupingBy(String::length, TreeMap::new, Collectors.toList()));
		System.out.println(parts + " " + groups + " " + describe(5) + describe("x") + describe(new Circle(1)));
		Optional<String> first = groups.values().stream().flatMap(List::stream).filter(s -> !s.isEmpty()).findFirst();
		System.out.println(first.map(String::length).orElse(0) + CACHE.getOrDefault("x", 1));
		try {
			fail(sieve(100).length);
		} catch (Fault | RuntimeException e) {
			System.err.println(e.getMessage() + (e instanceof Fault fault ? fault.code() : 0));
		} finally {
			CACHE.merge("runs", 1, Integer::sum);
		}
		ExecutorService pool = Executors.newFixedThreadPool(2);
		AtomicInteger total = new AtomicInteger();
		List<Future<Integer>> futures = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			final int number = i;
			futures.add(pool.submit(() -> total.addAndGet(number)));
		}
		for (Future<Integer> future : futures)
			System.out.print(future.get() + " ");
		pool.shutdown();
		Thread thread = new Thread(() -> new Sample().count());
		thread.start();
		thread.join();
		Scanner scanner = new Scanner("1 2 three");
		int count = 0;
		do {
			count += scanner.hasNextInt() ? scanner.nextInt() : scanner.next().length();
		} while (scanner.hasNext());
		char letter = 'a';
		letter += 2;
		long bits = (count << 3 ^ 0x55L) & ~1L | (letter >>> 1);
		double mean = (double) count / Math.max(1, GRID[0].length);
		BiFunction<Integer, Integer, Integer> add = Integer::sum;
		Supplier<List<String>> supplier = ArrayList::new;
		UnaryOperator<String> twice = s -> s + s;
		System.out.println(bits + " " + mean + " " + add.apply(1, 2) + supplier.get() + twice.apply("x") + """
			A block of
				text, %d lines.
			""".formatted(2));
		System.out.println(read().size() > 0 ? "some" : "none");
	}
}
