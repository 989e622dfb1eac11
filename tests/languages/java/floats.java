public class Main {
	public static void main(String[] args) {
		System.out.println(new java.math.BigDecimal(0.1 + 0.2).setScale(17, java.math.RoundingMode.HALF_EVEN));
		System.out.printf("%.15f%n%.10f%n%.6f%n", Math.sqrt(2), Math.PI, 1.0 / 3);
	}
}
