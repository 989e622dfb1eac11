fun main() {
    println("before")
    val x = = 1
}
