fun main() {
    println(System.getenv("GREETING"))
    println("[${System.getenv("EMPTY")}]")
    println(System.getenv("HOME"))
    println(System.getenv("LANG"))
}
