fun main() {
    val numbers = generateSequence(42L) { it * 16807 % 2147483647 }.take(100000).toList().sorted()
    println("${numbers[0]} ${numbers[50000]} ${numbers[99999]}")
}
