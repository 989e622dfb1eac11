package app.lib;

public class Answer {
	public static String text() {
		return "the answer is " + 6 * 7;
	}
}
