// There is no JSON in Kotlin's own library: a reader of what there is in the document, and a writer.
class Reader(private val text: String) {
    private var at = 0

    fun value(): Any? = when (peek()) {
        '{' -> items('}') { string().also { take(':') } to value() }.toMap()
        '[' -> items(']') { value() }
        '"' -> string()
        else -> word().let { it.toLongOrNull() ?: it.toBoolean() }
    }

    private fun peek(): Char {
        while (text[at].isWhitespace())
            at++
        return text[at]
    }

    private fun take(c: Char) {
        require(peek() == c) { "'$c' expected at $at" }
        at++
    }

    private fun <T> items(end: Char, item: () -> T): List<T> {
        val found = mutableListOf<T>()
        at++
        while (peek() != end) {
            found += item()
            if (peek() == ',')
                at++
        }
        at++
        return found
    }

    private fun word(): String {
        val begin = at
        while (text[at].isLetterOrDigit() || text[at] == '-')
            at++
        return text.substring(begin, at)
    }

    private fun string(): String = buildString {
        take('"')
        while (text[at] != '"')
            append(if (text[at] == '\\') escaped() else text[at++])
        at++
    }

    private fun escaped(): Char {
        at += 2
        if (text[at - 1] != 'u')
            return text[at - 1]
        at += 4
        return text.substring(at - 4, at).toInt(16).toChar()
    }
}

fun encode(value: Any?): String = when (value) {
    is Map<*, *> -> value.entries.joinToString(",", "{", "}") { (k, v) -> "\"$k\":${encode(v)}" }
    is List<*> -> value.joinToString(",", "[", "]") { encode(it) }
    is String -> "\"$value\""
    else -> value.toString()
}

fun main() {
    val document = Reader(readLine()!!).value() as Map<*, *>
    println("${document["name"]} ${(document["tags"] as List<*>).size} ${document["n"] as Long + 1}")
    println(encode(mapOf("ok" to true, "list" to listOf(1, 2, 3))))
}
