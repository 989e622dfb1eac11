package main

import (
	"fmt"
	"slices"
)

func main() {
	numbers := make([]int, 100000)
	for i, x := 0, 42; i < len(numbers); i, x = i+1, x*16807%2147483647 {
		numbers[i] = x
	}
	slices.Sort(numbers)
	fmt.Println(numbers[0], numbers[50000], numbers[99999])
}
