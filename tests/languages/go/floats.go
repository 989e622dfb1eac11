package main

import (
	"fmt"
	"math"
)

func main() {
	a, b := 0.1, 0.2
	fmt.Printf("%.17f\n%.15f\n%.10f\n%.6f\n", a+b, math.Sqrt(2), math.Pi, 1.0/3)
}
