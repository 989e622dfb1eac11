fun main() {
    println("begin")
    while (true) {
    }
}
