puts [format "%.17f\n%.15f\n%.10f\n%.6f" [expr {0.1 + 0.2}] [expr {sqrt(2)}] [expr {acos(-1)}] [expr {1.0 / 3}]]
