printf("%.17f\n%.15f\n%.10f\n%.6f\n", 0.1 + 0.2, Math.sqrt(2), Math::PI, 1.0 / 3)
