package main

import (
	"fmt"
	"os"
)

func main() {
	os.WriteFile("data.txt", []byte("alpha\nbeta\n"), 0o644)
	file, _ := os.OpenFile("data.txt", os.O_APPEND|os.O_WRONLY, 0)
	file.WriteString("gamma\n")
	file.Close()
	data, _ := os.ReadFile("data.txt")
	info, _ := os.Stat("data.txt")
	fmt.Print(string(data))
	fmt.Println(info.Size())
	os.Remove("data.txt")
	if _, err := os.Stat("data.txt"); os.IsNotExist(err) {
		fmt.Println("yes")
	}
}
