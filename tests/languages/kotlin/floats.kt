import kotlin.math.PI
import kotlin.math.sqrt

fun main() {
    println(0.1 + 0.2)
    println("%.15f".format(sqrt(2.0)))
    println("%.10f".format(PI))
    println("%.6f".format(1.0 / 3))
}
