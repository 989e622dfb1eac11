package main

import "fmt"

func add(n int) int {
	if n == 0 {
		return 0
	}
	return n + add(n-1)
}

func main() {
	fmt.Println(add(10000))
}
