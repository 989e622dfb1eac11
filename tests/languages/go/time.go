package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println(time.Unix(1704067200, 0).UTC().Format("2006-01-02 15:04:05"))
	begin := time.Now()
	time.Sleep(50 * time.Millisecond)
	took := time.Since(begin)
	if took >= 45*time.Millisecond && took < 10*time.Second {
		fmt.Println("yes")
	}
}
