public class Main {
	public static void main(String[] args) {
		assert args.length > 5 : "too few";
		System.out.println("not looked at");
	}
}
