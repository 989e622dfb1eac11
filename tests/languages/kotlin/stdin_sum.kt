fun main() {
    println(System.`in`.bufferedReader().readText().split(Regex("\\s+")).filter { it != "" }.map { it.toLong() }.sum())
}
