import Foundation

let tenth = 0.1, fifth = 0.2
print(String(format: "%.17f\n%.15f\n%.10f\n%.6f", tenth + fifth, 2.0.squareRoot(), Double.pi, 1.0 / 3))
