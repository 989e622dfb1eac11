#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prepare.sh: an archive of the classes that compiling needs, so that the JVM maps them instead of reading and checking
# them each time. The class path must be the one of runtime.yaml.
set -eu
here=/opt/sandglass/scala
jars=
for jar in compiler library reflect xml parser-combinators; do
	jars=$jars${jars:+:}/usr/share/scala-2.11/lib/scala-$jar.jar
done
work=$(mktemp -d)
cd "$work"
cat > main.scala <<'END'
import scala.collection.mutable

trait Shape { def area: Double }
case class Square(side: Double) extends Shape { def area: Double = side * side }
sealed abstract class Colour
case object Red extends Colour
case object Green extends Colour

object Main {
  implicit class Twice(n: Int) { def twice: Int = n * 2 }

  def name(colour: Colour): String = colour match {
    case Red => "red"
    case Green => "green"
  }

  def main(args: Array[String]): Unit = {
    val seen = mutable.Map[String, Int]()
    for ((word, i) <- "a b c".split(" ").zipWithIndex if i > 0) seen(word) = i.twice
    lazy val shapes: Seq[Shape] = List(Square(1), Square(2))
    println(s"${seen.toList.sorted} ${shapes.map(_.area).sum} ${name(Red)} ${args.headOption.getOrElse("-")}")
    try sys.error("x") catch { case e: RuntimeException => println(e.getMessage) }
  }
}
END
java -XX:+UseSerialGC "-XX:ArchiveClassesAtExit=$here/compile.jsa" -Xss4m -cp "$jars" scala.tools.nsc.Main -usejavacp \
	-encoding utf8 -d main.jar main.scala
[ "$(java -XX:+UseSerialGC "-Xbootclasspath/a:$jars" -jar main.jar | tail -1)" = x ]
cd /
rm -rf "$work"
