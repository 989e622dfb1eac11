public class Main { public static void main(String[] args) {
	System.out.println("before");
	System.out.println(args[5]);
} }
