// An application: it knows nothing of accounts, roles, profiles or epicac.
//
// It says its version, and then, for each line on stdin, it calls AWS with the clients it has had from the
// start, and prints what came of it as one line of JSON. With a duration as its argument it calls that often instead:
// a container has no stdin. With `identity` it asks AWS once who it is, and ends: the benchmark times that.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

type result struct {
	Version string   `json:"version,omitempty"`
	Arn     string   `json:"arn,omitempty"`
	Buckets []string `json:"buckets,omitempty"`
	Error   string   `json:"error,omitempty"`
}

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		panic(err)
	}
	identity := sts.NewFromConfig(cfg)
	storage := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	out := json.NewEncoder(os.Stdout)
	if len(os.Args) > 1 && os.Args[1] == "identity" {
		who, err := identity.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			panic(err)
		}
		if err := out.Encode(result{Version: version(), Arn: *who.Arn}); err != nil {
			panic(err)
		}
		return
	}
	if err := out.Encode(result{Version: version()}); err != nil {
		panic(err)
	}
	next := lines()
	if len(os.Args) > 1 {
		next = ticks(os.Args[1])
	}
	for next() {
		seen, err := call(ctx, identity, storage)
		if err != nil {
			seen = result{Error: err.Error()}
		}
		if err := out.Encode(seen); err != nil {
			panic(err)
		}
	}
}

func lines() func() bool { return bufio.NewScanner(os.Stdin).Scan }

func ticks(argument string) func() bool {
	period, err := time.ParseDuration(argument)
	if err != nil {
		panic(err)
	}
	return func() bool {
		time.Sleep(period)
		return true
	}
}

func version() string {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if strings.HasSuffix(module.Path, "/service/s3") {
			return "aws-sdk-go-v2/service/s3 " + module.Version + ", " + runtime.Version()
		}
	}
	panic("built without the SDK")
}

func call(ctx context.Context, identity *sts.Client, storage *s3.Client) (seen result, err error) {
	who, err := identity.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return seen, err
	}
	list, err := storage.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return seen, err
	}
	seen.Arn = *who.Arn
	for _, bucket := range list.Buckets {
		seen.Buckets = append(seen.Buckets, *bucket.Name)
	}
	return seen, nil
}
