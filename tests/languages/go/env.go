package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Printf("%s\n[%s]\n%s\n%s\n", os.Getenv("GREETING"), os.Getenv("EMPTY"), os.Getenv("HOME"), os.Getenv("LANG"))
}
