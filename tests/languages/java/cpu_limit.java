public class Main {
	public static void main(String[] args) {
		System.out.println("begin");
		long n = 0;
		while (true)
			n++;
	}
}
