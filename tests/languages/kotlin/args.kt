fun main(args: Array<String>) {
    for (argument in args)
        println("[$argument]")
}
