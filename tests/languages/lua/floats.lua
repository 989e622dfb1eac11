print(("%.17f\n%.15f\n%.10f\n%.6f"):format(0.1 + 0.2, math.sqrt(2), math.pi, 1 / 3))
