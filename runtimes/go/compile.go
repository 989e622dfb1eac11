// SPDX-License-Identifier: Apache-2.0

// compile OUT SOURCE... -- FLAG...: for sources of the standard library only, runs the compiler and the linker as
// `go build` would, which itself takes longer than both to find out that nothing else is to be done. The rest, and every
// program in which either tool finds an error, is for the script beside it (build), which runs `go build`.
//
// Like `go run` it leaves out what only debuggers read (-s -w): that is half of the linker's time.
//
// compile --show OUT SOURCE...: prints the commands, or nothing if they are for `go build`.
package main

import (
	"bytes"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const (
	here = "/opt/sandglass/go/"
	// packagefile PATH=FILE for the standard library; for the linker also what go build tells a program about itself
	importConfig     = here + "importcfg"
	linkImportConfig = here + "importcfg.link"
	toolsFile        = here + "tools"
	workDir          = "/tmp/.compile/"
)

// Variables that a run of any program has; each other one of Go's could mean something to go build.
var harmless = map[string]bool{"GOMAXPROCS": true, "GOMEMLIMIT": true}

// What makes go build do more than compile and link, wherever it is in a text.
var special = []string{"//go:build", "+build", "//go:embed", "//go:debug", "//go:cgo"}

func plainEnvironment() bool {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if (strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO")) && !harmless[name] {
			return false
		}
	}
	return os.Getenv("PATH") == "/usr/local/bin:/usr/bin:/bin"
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Not for one system or processor only: neither by its name nor by a line in it.
func unconditional(name string, text []byte) bool {
	for _, word := range special {
		if bytes.Contains(text, []byte(word)) {
			return false
		}
	}
	other := build.Default
	other.GOOS, other.GOARCH = "plan9", "mips"
	fits, err := build.Default.MatchFile(".", name)
	anywhere, otherErr := other.MatchFile(".", name)
	return err == nil && otherErr == nil && fits && anywhere
}

// The packages that anybody may import, by the names in the import configuration.
func readPackages() map[string]bool {
	packages := map[string]bool{"unsafe": true}
	text, err := os.ReadFile(importConfig)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		path, found := strings.CutPrefix(line, "packagefile ")
		path, _, _ = strings.Cut(path, "=")
		if found && !strings.Contains("/"+path+"/", "/internal/") && !strings.HasPrefix(path, "vendor/") {
			packages[path] = true
		}
	}
	return packages
}

func understood(name string, packages map[string]bool) bool {
	if filepath.Base(name) != name || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") ||
		strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
		return false
	}
	text, err := os.ReadFile(name)
	if err != nil || !unconditional(name, text) {
		return false
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil || file.Name.Name != "main" {
		return false
	}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !packages[path] {
			return false
		}
	}
	return true
}

type command struct {
	compile, link []string
}

// The file that prepare has written: GOROOT, where the tools are, -lang, -goversion.
func readTools() []string {
	text, err := os.ReadFile(toolsFile)
	words := strings.Fields(string(text))
	if err != nil || len(words) != 4 {
		return nil
	}
	return words
}

func plan(out string, sources []string) *command {
	tools, packages := readTools(), readPackages()
	if tools == nil || packages == nil || len(sources) == 0 || exists("go.mod") || exists("../go.mod") || exists("go.work") ||
		exists("../go.work") || filepath.Base(out) != out || strings.HasPrefix(out, "-") {
		return nil
	}
	archive := workDir + "_pkg_.a"
	c := &command{
		compile: []string{tools[1] + "/compile", "-o", archive, "-trimpath", workDir + "=>", "-p", "main", "-lang=" + tools[2],
			"-complete", "-goversion", tools[3], "-c=2", "-nolocalimports", "-importcfg", importConfig, "-pack"},
		link: []string{tools[1] + "/link", "-o", out, "-importcfg", linkImportConfig, "-buildmode=exe", "-s", "-w", "-extld=gcc", archive},
	}
	for _, name := range sources {
		if !understood(name, packages) {
			return nil
		}
		c.compile = append(c.compile, "./"+name)
	}
	return c
}

func run(root string, argv []string) bool {
	var said bytes.Buffer
	tool := exec.Command(argv[0], argv[1:]...)
	tool.Env = append(os.Environ(), "GOROOT="+root)
	tool.Stdout, tool.Stderr = &said, &said
	return tool.Run() == nil && said.Len() == 0
}

func (c *command) run(out string) bool {
	if os.Mkdir(workDir, 0o700) != nil {
		return false
	}
	defer os.RemoveAll(workDir)
	root := readTools()[0]
	if run(root, c.compile) && run(root, c.link) {
		return true
	}
	os.Remove(out)
	return false
}

// Of other directories the compiler is told by imports.
func readArguments(args []string) (sources []string, flags bool) {
	for i, word := range args {
		if word == "--" {
			return sources, i+1 < len(args)
		}
		if !strings.Contains(strings.TrimPrefix(word, "./"), "/") && !strings.HasSuffix(word, "_test.go") {
			sources = append(sources, word)
		}
	}
	return sources, false
}

func main() {
	args := os.Args[1:]
	onlyShow := len(args) > 0 && args[0] == "--show"
	if onlyShow {
		args = args[1:]
	}
	if len(args) == 0 {
		os.Exit(2)
	}
	var c *command
	// flags are for go build
	if sources, flags := readArguments(args[1:]); !flags && plainEnvironment() {
		c = plan(args[0], sources)
	}
	if onlyShow && c != nil {
		fmt.Println(strings.Join(c.compile, " "))
		fmt.Println(strings.Join(c.link, " "))
	}
	if onlyShow || c != nil && c.run(args[0]) {
		return
	}
	syscall.Exec(here+"build", append([]string{"build"}, os.Args[1:]...), os.Environ())
	os.Exit(127)
}
