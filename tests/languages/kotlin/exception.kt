fun main() {
    println("before")
    throw IllegalStateException("the end")
}
