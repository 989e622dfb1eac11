package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

func main() {
	fmt.Println("Grüße, 世界 🙂")
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	line = strings.TrimSpace(line)
	fmt.Println(line)
	fmt.Println(utf8.RuneCountInString(line))
}
