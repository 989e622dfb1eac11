package main

import "os"; func fail() {
	panic("the end")
}

func main() {
	os.Stdout.WriteString("before\n")
	fail()
}
