fun main() {
    System.out.write(ByteArray(256) { it.toByte() })
    System.out.flush()
}
