import java.util.Arrays;

public class Main {
	public static void main(String[] args) {
		long[] numbers = new long[100000];
		long x = 42;
		for (int i = 0; i < numbers.length; i++, x = x * 16807 % 2147483647)
			numbers[i] = x;
		Arrays.sort(numbers);
		System.out.println(numbers[0] + " " + numbers[50000] + " " + numbers[99999]);
	}
}
