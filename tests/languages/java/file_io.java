import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

public class Main {
	public static void main(String[] args) throws java.io.IOException {
		Path path = Path.of("data.txt");
		Files.writeString(path, "alpha\nbeta\n");
		Files.writeString(path, "gamma\n", StandardOpenOption.APPEND);
		System.out.print(Files.readString(path));
		System.out.println(Files.size(path));
		Files.delete(path);
		System.out.println(Files.exists(path) ? "no" : "yes");
	}
}
