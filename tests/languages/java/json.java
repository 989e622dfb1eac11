import java.util.List;
import java.util.regex.Pattern;

public class Main {
	static String find(String pattern, String text) {
		var found = Pattern.compile(pattern).matcher(text);
		if (!found.find())
			throw new IllegalArgumentException(pattern);
		return Pattern.compile("\\\\u(....)").matcher(found.group(1))
			.replaceAll(m -> Character.toString(Integer.parseInt(m.group(1), 16)));
	}

	public static void main(String[] args) throws java.io.IOException {
		// There is no JSON in the JDK: as much of it as the document needs.
		String text = new String(System.in.readAllBytes());
		String name = find("\"name\": \"(.*?)\"", text).translateEscapes();
		int tags = find("\"tags\": \\[(.*?)]", text).split(",").length;
		System.out.println(name + " " + tags + " " + (Integer.parseInt(find("\"n\": (\\d+)", text)) + 1));
		System.out.println("{\"ok\":" + true + ",\"list\":" + List.of(1, 2, 3).toString().replace(" ", "") + "}");
	}
}
