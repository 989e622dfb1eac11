fun main() {
    println("Grüße, 世界 🙂")
    val line = readLine()!!
    println(line)
    println(line.codePointCount(0, line.length))
}
