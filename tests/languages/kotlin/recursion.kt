fun add(n: Int): Int = if (n == 0) 0 else n + add(n - 1)

// On a thread whose stack is asked for: that of the main thread has room for some thousand calls.
fun main() {
    Thread(null, { println(add(10000)) }, "deep", 64 shl 20).start()
}
