package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println("begin")
	time.Sleep(time.Minute)
}
