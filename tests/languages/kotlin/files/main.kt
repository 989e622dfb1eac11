import lib.answer

fun main() {
    println("the answer is ${answer()}")
}
