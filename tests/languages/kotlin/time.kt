import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import kotlin.system.measureTimeMillis

fun main() {
    val start = Instant.ofEpochSecond(1704067200).atZone(ZoneOffset.UTC)
    println(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").format(start))
    val took = measureTimeMillis { Thread.sleep(50) }
    println(if (took in 45..10000) "yes" else "no: $took ms")
}
