// Command tongban is the whole platform in one binary: the demo city, the production server and the tools around them.
package main

import (
	"os"

	"tongban/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
