package main

import (
	"io"

	"github.com/rhysd/actionlint"
)

// workflow gives what actionlint finds: an empty list when a workflow is good.
func workflow(files []string) (any, error) {
	options := &actionlint.LinterOptions{Shellcheck: "", Pyflakes: ""}
	linter, err := actionlint.NewLinter(io.Discard, options)
	if err != nil {
		return nil, err
	}
	findings := []string{}
	for _, file := range files {
		text, err := read(file)
		if err != nil {
			return nil, err
		}
		errs, err := linter.Lint(file, text, nil)
		if err != nil {
			return nil, err
		}
		for _, finding := range errs {
			findings = append(findings, finding.Error())
		}
	}
	return findings, nil
}
