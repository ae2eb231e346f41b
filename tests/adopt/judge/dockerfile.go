package main

import (
	"bytes"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stage is a stage of a Dockerfile, with nothing expanded.
type stage struct {
	Name       string   `json:"name"`
	From       string   `json:"from"`
	Copies     []copied `json:"copies"`
	User       string   `json:"user"`
	Entrypoint []string `json:"entrypoint"`
	// Runs is how many commands the stage runs.
	Runs int `json:"runs"`
}

// copied is an instruction COPY.
type copied struct {
	From    string   `json:"from"`
	Sources []string `json:"sources"`
	Target  string   `json:"target"`
	Chmod   string   `json:"chmod"`
}

// dockerfile reads a Dockerfile as BuildKit does.
func dockerfile(file string) (any, error) {
	text, err := read(file)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, err
	}
	answer := []stage{}
	for _, read := range stages {
		stage := stage{Name: read.Name, From: read.BaseName, Copies: []copied{}, Entrypoint: []string{}}
		for _, command := range read.Commands {
			switch command := command.(type) {
			case *instructions.CopyCommand:
				stage.Copies = append(stage.Copies, copied{command.From, command.SourcePaths, command.DestPath, command.Chmod})
			case *instructions.UserCommand:
				stage.User = command.User
			case *instructions.EntrypointCommand:
				stage.Entrypoint = command.CmdLine
			case *instructions.RunCommand:
				stage.Runs++
			}
		}
		answer = append(answer, stage)
	}
	return answer, nil
}
