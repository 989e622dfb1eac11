package main

import (
	"fmt"

	"example.com/program/lib"
)

func main() {
	fmt.Println(lib.Answer())
}
