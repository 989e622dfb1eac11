package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	var document struct {
		Name string
		Tags []string
		N    int
	}
	json.NewDecoder(os.Stdin).Decode(&document)
	fmt.Println(document.Name, len(document.Tags), document.N+1)
	json.NewEncoder(os.Stdout).Encode(struct {
		Ok   bool  `json:"ok"`
		List []int `json:"list"`
	}{true, []int{1, 2, 3}})
}
