fun main() {
    println("begin")
    Thread.sleep(60000)
}
