import java.util.Scanner;

public class Main {
	public static void main(String[] args) {
		System.out.println("Grüße, 世界 🙂");
		String line = new Scanner(System.in).nextLine();
		System.out.println(line);
		System.out.println(line.codePointCount(0, line.length()));
	}
}
