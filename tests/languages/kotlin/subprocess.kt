fun main() {
    val child = ProcessBuilder("sh", "-c", "echo child; exit 3").start()
    print(child.inputStream.bufferedReader().readText())
    println(child.waitFor())
}
