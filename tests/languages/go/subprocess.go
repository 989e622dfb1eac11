package main

import (
	"fmt"
	"os/exec"
)

func main() {
	child := exec.Command("sh", "-c", "echo child; exit 3")
	out, _ := child.Output()
	fmt.Print(string(out))
	fmt.Println(child.ProcessState.ExitCode())
}
