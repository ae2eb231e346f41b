// The judge: what Kubernetes, kustomize, Terraform, GitHub and BuildKit themselves say of our files.
//
// It answers with their own code, compiled in, so that a test needs no cluster, no container engine and no
// account: `judge VERB ARGUMENT…` prints JSON (`kustomize`: YAML), or one line on stderr and status 1.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

const usage = `usage: judge kustomize DIR              what kustomize builds of a folder, as YAML
       judge kubernetes FILE            the objects of a file, decoded as strictly as the API server does
       judge restricted FILE            what Pod Security's level "restricted" says of the pods of a file
       judge admit POLICY POD           a pod as a MutatingAdmissionPolicy leaves it
       judge terraform DIR ROOTS        the locals of a module, with these variables and data (JSON)
       judge formatted FILE…            the .tf files that are not as "terraform fmt" would have them
       judge workflow FILE…             what actionlint finds in workflows
       judge dockerfile FILE            the stages of a Dockerfile
       (a FILE that is "-" is standard input)
`

var verbs = map[string]func([]string) (any, error){
	"kustomize":  one(kustomize),
	"kubernetes": one(kubernetes),
	"restricted": one(restricted),
	"admit":      two(admit),
	"terraform":  two(terraform),
	"formatted":  formatted,
	"workflow":   workflow,
	"dockerfile": one(dockerfile),
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
	if text, isText := answer.(string); isText {
		fmt.Print(text)
		return
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func one(verb func(string) (any, error)) func([]string) (any, error) {
	return func(arguments []string) (any, error) {
		if len(arguments) != 1 {
			return nil, fmt.Errorf("one argument is wanted")
		}
		return verb(arguments[0])
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
