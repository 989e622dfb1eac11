import java.util.concurrent.atomic.AtomicInteger;

public class Main {
	public static void main(String[] args) throws InterruptedException {
		var total = new AtomicInteger();
		var threads = new Thread[4];
		for (int i = 0; i < 4; i++) {
			threads[i] = new Thread(() -> {
				for (int n = 0; n < 10000; n++)
					total.incrementAndGet();
			});
			threads[i].start();
		}
		for (Thread thread : threads)
			thread.join();
		System.out.println(total);
	}
}
