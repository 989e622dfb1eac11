public class Main {
	public static void main(String[] args) throws Exception {
		System.out.print(new String(Main.class.getResourceAsStream("/data/word.txt").readAllBytes()));
	}
}
