import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Main {
	public static void main(String[] args) throws java.io.IOException {
		String text = new String(System.in.readAllBytes());
		Matcher found = Pattern.compile("(\\w+)@(\\w+)\\.com").matcher(text);
		while (found.find())
			System.out.println(found.group(1) + " at " + found.group(2));
		System.out.print(text.replaceAll("\\d", "#"));
	}
}
