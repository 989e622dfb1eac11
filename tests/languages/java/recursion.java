public class Main {
	static long add(long n) {
		return n == 0 ? 0 : n + add(n - 1);
	}

	/* Java's own default, 1 MiB, holds so many frames only once add is compiled, which is a matter of luck. */
	public static void main(String[] args) throws InterruptedException {
		Thread thread = new Thread(null, () -> System.out.println(add(10000)), "deep", 64L << 20);
		thread.start();
		thread.join();
	}
}
