package main

import (
	"fmt"
	"sync"
)

func main() {
	var total int
	var lock sync.Mutex
	var all sync.WaitGroup
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for n := 0; n < 10000; n++ {
				lock.Lock()
				total++
				lock.Unlock()
			}
		}()
	}
	all.Wait()
	fmt.Println(total)
}
