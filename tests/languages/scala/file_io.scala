import java.nio.file.{Files, Paths, StandardOpenOption}

object Main {
  def main(args: Array[String]): Unit = {
    val path = Paths.get("data.txt")
    Files.write(path, "alpha\nbeta\n".getBytes("UTF-8"))
    Files.write(path, "gamma\n".getBytes("UTF-8"), StandardOpenOption.APPEND)
    print(io.Source.fromFile(path.toFile, "UTF-8").mkString)
    println(Files.size(path))
    Files.delete(path)
    println(if (Files.exists(path)) "no" else "yes")
  }
}
