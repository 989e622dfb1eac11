public class Main {
	static long add(long n) {
		return n == 0 ? 0 : n + add(n - 1);
	}

	public static void main(String[] args) {
		System.out.println(add(10000));
	}
}
