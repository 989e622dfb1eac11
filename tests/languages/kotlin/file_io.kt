import java.io.File

fun main() {
    val file = File("data.txt")
    file.writeText("alpha\nbeta\n")
    file.appendText("gamma\n")
    print(file.readText())
    println(file.length())
    file.delete()
    println(if (file.exists()) "no" else "yes")
}
