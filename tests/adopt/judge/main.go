// The judge: what Terraform's language and actionlint say of our files, where the real part cannot be had: Terraform's
// provider for AWS, and the workflows of GitHub.
//
// `judge VERB ARGUMENT…` prints JSON, or one line on stderr and status 1.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

const usage = `usage: judge terraform DIR ROOTS        the locals of a module, with these variables and data (JSON)
       judge formatted FILE…            the .tf files that are not as "terraform fmt" would have them
       judge workflow FILE…             what actionlint finds in workflows
       (a FILE that is "-" is standard input)
`

var verbs = map[string]func([]string) (any, error){
	"terraform": two(terraform),
	"formatted": formatted,
	"workflow":  workflow,
}

func main() {
	if len(os.Args) < 3 || verbs[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	answer, err := verbs[os.Args[1]](os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func two(verb func(string, string) (any, error)) func([]string) (any, error) {
	return func(arguments []string) (any, error) {
		if len(arguments) != 2 {
			return nil, fmt.Errorf("two arguments are wanted")
		}
		return verb(arguments[0], arguments[1])
	}
}

func read(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(file)
}
