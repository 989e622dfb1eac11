class Helper {
	static String text() {
		return "any name";
	}
}

public class Whatever {
	public static void main(String[] args) {
		System.out.println(Helper.text());
	}
}
