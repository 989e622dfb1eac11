// SPDX-License-Identifier: Apache-2.0
// Much of what a JVM does with threads, signals and processes; the same output whichever way it was started.
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.stream.*;

public class Main {
	static int depth;

	static void descend() {
		depth++;
		descend();
	}

	static int loop(int count) {
		int sum = 0;
		for (int i = 0; i < count; i++)
			sum = sum * 31 + i;
		return sum;
	}

	static void threads() throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(4);
		List<Future<Integer>> results = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			int count = 100000 + i;
			results.add(pool.submit(() -> loop(count)));
		}
		int sum = 0;
		for (var result : results)
			sum += result.get();
		pool.shutdown();
		System.out.println("pool " + sum);
		try (var virtual = Executors.newVirtualThreadPerTaskExecutor()) {
			AtomicInteger done = new AtomicInteger();
			for (int i = 0; i < 50; i++)
				virtual.submit(() -> {
					Thread.sleep(2);
					return done.incrementAndGet();
				});
			virtual.shutdown();
			System.out.println("virtual " + virtual.awaitTermination(30, TimeUnit.SECONDS) + " " + done);
		}
		System.out.println("parallel " + IntStream.range(0, 100000).parallel().map(x -> x % 7).sum());
		System.out.println("future " + CompletableFuture.supplyAsync(() -> 42).get());
		var lock = new Object();
		synchronized (lock) {
			lock.wait(3);
		}
		var ticked = new CountDownLatch(1);
		new java.util.Timer(true).schedule(new TimerTask() {
			public void run() {
				ticked.countDown();
			}
		}, 2);
		System.out.println("timer " + ticked.await(30, TimeUnit.SECONDS));
	}

	static void errors() {
		try {
			descend();
		} catch (StackOverflowError e) {
			System.out.println("overflow " + (depth > 500));
		}
		try {
			String none = depth > 0 ? null : "";
			none.length();
		} catch (NullPointerException e) {
			System.out.println("null " + e.getMessage());
		}
	}

	static void outside() throws Exception {
		try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
			Thread thread = new Thread(() -> {
				try (Socket peer = server.accept()) {
					peer.getInputStream().read(new byte[1024]);
					peer.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes());
				} catch (IOException e) {
					e.printStackTrace();
				}
			});
			thread.start();
			var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/")).build();
			System.out.println("http " + HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
		}
		Process echo = new ProcessBuilder("echo", "sub").start();
		System.out.println("process " + new String(echo.getInputStream().readAllBytes()).trim() + " " + echo.waitFor());
		System.out.println("pid " + (ProcessHandle.current().pid() == Long.parseLong(new File("/proc/self").getCanonicalFile().getName())));
	}

	public static void main(String[] args) throws Exception {
		System.out.println(args.length + " " + System.getProperty("user.dir") + " " + System.getenv().keySet().stream().sorted().toList());
		System.out.println(Thread.currentThread().getName() + " " + Main.class.getClassLoader().getClass().getSimpleName());
		errors();
		threads();
		outside();
		List<byte[]> kept = new ArrayList<>();
		for (int i = 0; i < 5000; i++) {
			kept.add(new byte[10000]);
			if (kept.size() > 500)
				kept.clear();
		}
		System.gc();
		System.out.println("collected " + kept.size() + " compiled " + loop(20_000_000));
		System.out.println("class " + Class.forName("javax.crypto.Cipher").getName() + " " + new java.security.SecureRandom().nextInt() * 0);
		System.out.println("input " + new BufferedReader(new InputStreamReader(System.in)).lines().toList());
		Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
		if (new File("mode").length() == 0)
			System.exit(7);
		throw new IllegalStateException("uncaught");
	}
}
