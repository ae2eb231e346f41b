package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// module is what a folder of .tf files says. Everything is parsed; the locals are evaluated, because the
// policies are there.
type module struct {
	// Blocks counts the blocks by their address without quotes: `resource.aws_iam_role.this`.
	Blocks []string `json:"blocks"`
	// Attributes of resources and modules, by the address of their block.
	Attributes map[string][]string `json:"attributes"`
	// Locals by their values.
	Locals map[string]json.RawMessage `json:"locals"`
	// Unknown are the other locals, by why they cannot be known.
	Unknown map[string]string `json:"unknown"`
}

// The functions of Terraform that the modules use, by the implementations that Terraform has, but for alltrue.
var functions = map[string]function.Function{
	"alltrue":    allTrue,
	"can":        tryfunc.CanFunc,
	"compact":    stdlib.CompactFunc,
	"concat":     stdlib.ConcatFunc,
	"flatten":    stdlib.FlattenFunc,
	"jsonencode": stdlib.JSONEncodeFunc,
	"keys":       stdlib.KeysFunc,
	"length":     stdlib.LengthFunc,
	"merge":      stdlib.MergeFunc,
	"regex":      stdlib.RegexFunc,
	"sort":       stdlib.SortFunc,
	"values":     stdlib.ValuesFunc,
}

var allTrue = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
	Type:   function.StaticReturnType(cty.Bool),
	Impl: func(arguments []cty.Value, _ cty.Type) (cty.Value, error) {
		for _, element := range arguments[0].AsValueSlice() {
			if element.False() {
				return cty.False, nil
			}
		}
		return cty.True, nil
	},
})

// terraform reads the module in a folder. `roots` is a JSON object with what its expressions may refer to: `var`,
// whose members must be variables of the module, and whatever a provider would say, as `data`.
func terraform(dir, roots string) (any, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s holds no .tf file", dir)
	}
	said := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(roots), &said); err != nil {
		return nil, fmt.Errorf("what is given: %w", err)
	}
	given := map[string]json.RawMessage{}
	if err := json.Unmarshal(said["var"], &given); err != nil {
		return nil, fmt.Errorf("the variables: %w", err)
	}
	delete(said, "var")
	context := &hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{}}
	for root, text := range said {
		value, err := value(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", root, err)
		}
		context.Variables[root] = value
	}

	answer := module{Blocks: []string{}, Attributes: map[string][]string{}, Locals: map[string]json.RawMessage{}, Unknown: map[string]string{}}
	values, locals := map[string]cty.Value{}, map[string]hcl.Expression{}
	parser := hclparse.NewParser()
	for _, file := range files {
		parsed, problems := parser.ParseHCLFile(file)
		if problems.HasErrors() {
			return nil, problems
		}
		for _, block := range parsed.Body.(*hclsyntax.Body).Blocks {
			address := address(block)
			answer.Blocks = append(answer.Blocks, address)
			switch block.Type {
			case "locals":
				for name, attribute := range block.Body.Attributes {
					locals[name] = attribute.Expr
				}
			case "variable":
				value, err := variable(block, given)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", address, err)
				}
				if value == cty.NilVal {
					continue
				}
				values[block.Labels[0]] = value
				if err := validate(block, value); err != nil {
					return nil, fmt.Errorf("%s: %w", address, err)
				}
			default:
				for name := range block.Body.Attributes {
					answer.Attributes[address] = append(answer.Attributes[address], name)
				}
			}
		}
	}
	for name := range given {
		if _, known := values[name]; !known {
			return nil, fmt.Errorf("there is no variable %s", name)
		}
	}

	context.Variables["var"] = cty.ObjectVal(values)
	known := map[string]cty.Value{}
	// A local may use others: round after round, until no further one can be known.
	for progress := true; progress; {
		progress = false
		context.Variables["local"] = cty.ObjectVal(known)
		for name, expression := range locals {
			if _, done := known[name]; done {
				continue
			}
			value, problems := expression.Value(context)
			if problems.HasErrors() {
				answer.Unknown[name] = problems.Error()
				continue
			}
			known[name], progress = value, true
			delete(answer.Unknown, name)
		}
	}
	for name, value := range known {
		encoded, err := ctyjson.Marshal(value, value.Type())
		if err != nil {
			return nil, err
		}
		answer.Locals[name] = encoded
	}
	return answer, nil
}

// variable gives the value that was given, or else the default, as the type that the variable declares;
// nothing when it has neither.
func variable(block *hclsyntax.Block, given map[string]json.RawMessage) (cty.Value, error) {
	declared := cty.DynamicPseudoType
	if attribute, has := block.Body.Attributes["type"]; has {
		var err error
		if declared, err = typeOf(attribute.Expr); err != nil {
			return cty.NilVal, err
		}
	}
	if text, has := given[block.Labels[0]]; has {
		value, err := value(text)
		if err != nil {
			return cty.NilVal, err
		}
		return convert.Convert(value, declared)
	}
	if attribute, has := block.Body.Attributes["default"]; has {
		value, problems := attribute.Expr.Value(nil)
		if problems.HasErrors() {
			return cty.NilVal, problems
		}
		return convert.Convert(value, declared)
	}
	return cty.NilVal, nil
}

// validate gives the error message of a validation block of the variable whose condition does not hold.
func validate(block *hclsyntax.Block, value cty.Value) error {
	context := &hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{
		"var": cty.ObjectVal(map[string]cty.Value{block.Labels[0]: value}),
	}}
	for _, validation := range block.Body.Blocks {
		var holds, message cty.Value
		for name, into := range map[string]*cty.Value{"condition": &holds, "error_message": &message} {
			attribute, has := validation.Body.Attributes[name]
			if !has {
				return fmt.Errorf("a validation without %s", name)
			}
			value, problems := attribute.Expr.Value(context)
			if problems.HasErrors() {
				return problems
			}
			*into = value
		}
		if holds.False() {
			return fmt.Errorf("%s", message.AsString())
		}
	}
	return nil
}

func value(text json.RawMessage) (cty.Value, error) {
	implied, err := ctyjson.ImpliedType(text)
	if err != nil {
		return cty.NilVal, err
	}
	return ctyjson.Unmarshal(text, implied)
}

// typeOf reads the type constraints that the modules use.
func typeOf(expression hcl.Expression) (cty.Type, error) {
	switch hcl.ExprAsKeyword(expression) {
	case "string":
		return cty.String, nil
	case "bool":
		return cty.Bool, nil
	case "number":
		return cty.Number, nil
	}
	call, problems := hcl.ExprCall(expression)
	if problems.HasErrors() || len(call.Arguments) != 1 {
		return cty.NilType, fmt.Errorf("a type that the judge does not know")
	}
	element, err := typeOf(call.Arguments[0])
	if err != nil {
		return cty.NilType, err
	}
	switch call.Name {
	case "list":
		return cty.List(element), nil
	case "set":
		return cty.Set(element), nil
	case "map":
		return cty.Map(element), nil
	default:
		return cty.NilType, fmt.Errorf("the type %s, which the judge does not know", call.Name)
	}
}

func address(block *hclsyntax.Block) string {
	address := block.Type
	for _, label := range block.Labels {
		address += "." + label
	}
	return address
}

// formatted gives the files that `terraform fmt` would change.
func formatted(files []string) (any, error) {
	unformatted := []string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if _, problems := hclsyntax.ParseConfig(text, file, hcl.InitialPos); problems.HasErrors() {
			return nil, problems
		}
		if !bytes.Equal(hclwrite.Format(text), text) {
			unformatted = append(unformatted, file)
		}
	}
	return unformatted, nil
}
