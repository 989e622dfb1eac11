public class Main {
	public static void main(String[] args) throws java.io.IOException {
		byte[] data = System.in.readAllBytes();
		int lines = 0;
		for (byte b : data)
			if (b == 10)
				lines++;
		System.out.println(lines + " " + data.length);
	}
}
