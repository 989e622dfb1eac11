public class Main {
	public static void main(String[] args) {
		for (int i = 0; i < 256; i++)
			System.out.write(i);
		System.out.flush();
	}
}
