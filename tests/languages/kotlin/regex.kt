fun main() {
    val line = readLine()!!
    for (found in Regex("""(\w+)@(\w+)\.com""").findAll(line)) {
        val (user, place) = found.destructured
        println("$user at $place")
    }
    println(line.replace(Regex("\\d"), "#"))
}
