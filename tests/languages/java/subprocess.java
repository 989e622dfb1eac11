public class Main {
	public static void main(String[] args) throws Exception {
		Process child = new ProcessBuilder("sh", "-c", "echo child; exit 3").start();
		System.out.print(new String(child.getInputStream().readAllBytes()));
		System.out.println(child.waitFor());
	}
}
