package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
)

func main() {
	text, _ := io.ReadAll(os.Stdin)
	for _, found := range regexp.MustCompile(`(\w+)@(\w+)\.com`).FindAllSubmatch(text, -1) {
		fmt.Printf("%s at %s\n", found[1], found[2])
	}
	fmt.Print(string(regexp.MustCompile(`\d`).ReplaceAll(text, []byte("#"))))
}
