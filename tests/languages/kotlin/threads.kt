import kotlin.concurrent.thread

class Total {
    var value = 0
        private set

    @Synchronized
    fun add() {
        value++
    }
}

fun main() {
    val total = Total()
    val adders = List(4) { thread { repeat(10000) { total.add() } } }
    adders.forEach { it.join() }
    println(total.value)
}
