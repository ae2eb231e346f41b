// Who am I? The Go SDK's answer, with nothing but its default configuration.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	configuration, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	caller, err := sts.NewFromConfig(configuration).GetCallerIdentity(ctx, nil)
	if err != nil {
		return err
	}
	fmt.Println(*caller.Arn)
	return nil
}
