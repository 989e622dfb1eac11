fun main(args: Array<String>) {
    println("before")
    println(args[5])
}
