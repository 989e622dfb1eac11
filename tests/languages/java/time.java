import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

public class Main {
	public static void main(String[] args) throws InterruptedException {
		System.out.println(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC).format(Instant.ofEpochSecond(1704067200)));
		long begin = System.nanoTime();
		Thread.sleep(50);
		long ms = (System.nanoTime() - begin) / 1000000;
		System.out.println(ms >= 45 && ms < 10000 ? "yes" : "no");
	}
}
