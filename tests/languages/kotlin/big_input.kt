fun main() {
    val buffer = ByteArray(65536)
    var lines = 0
    var bytes = 0
    while (true) {
        val n = System.`in`.read(buffer)
        if (n < 0)
            break
        bytes += n
        lines += (0 until n).count { buffer[it] == '\n'.toByte() }
    }
    println("$lines $bytes")
}
