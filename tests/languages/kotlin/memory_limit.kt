fun main() {
    println("begin")
    val kept = mutableListOf<ByteArray>()
    while (true)
        kept += ByteArray(1000000)
}
