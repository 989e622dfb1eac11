package main; import "os"
func main() { os.Stdout.WriteString("before\n")
	_ = os.Args[len(os.Args)+4]
}
