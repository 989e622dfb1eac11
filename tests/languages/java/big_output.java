public class Main {
	public static void main(String[] args) {
		String line = "0123456789".repeat(7) + "012345678";
		for (int i = 0; i < 20000; i++)
			System.out.println(line);
	}
}
