package main

import "os"

func main() {
	for i := 0; i < 256; i++ {
		os.Stdout.Write([]byte{byte(i)})
	}
}
