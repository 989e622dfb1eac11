public class Main {
	public static void main(String[] args) throws InterruptedException {
		System.out.println("begin");
		Thread.sleep(60000);
	}
}
