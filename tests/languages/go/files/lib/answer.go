package lib

import "fmt"

func Answer() string {
	return fmt.Sprint("the answer is ", 6*7)
}
