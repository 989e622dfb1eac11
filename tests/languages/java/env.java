public class Main {
	public static void main(String[] args) {
		System.out.println(System.getenv("GREETING"));
		System.out.println("[" + System.getenv("EMPTY") + "]");
		System.out.println(System.getenv("HOME"));
		System.out.println(System.getenv("LANG"));
	}
}
