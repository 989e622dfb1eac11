fun main() {
    println("compiled")
    val unused = 1
}
