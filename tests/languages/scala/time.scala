import java.time.{Instant, ZoneOffset}
import java.time.format.DateTimeFormatter

object Main {
  def main(args: Array[String]): Unit = {
    val start = Instant.ofEpochSecond(1704067200).atZone(ZoneOffset.UTC)
    println(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").format(start))
    val began = System.nanoTime
    Thread.sleep(50)
    val took = (System.nanoTime - began) / 1000000
    println(if (took >= 45 && took <= 10000) "yes" else s"no: $took ms")
  }
}
