// Reads Grafana dashboards strictly with the types that Grafana publishes: an unknown field, a missing one, a value of another
// type, or a value that Grafana's schema does not allow is an error. Used by .ci/dashboards.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	failed := false
	for _, path := range os.Args[1:] {
		panels, err := read(path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s:\n%v\n", path, err)
			failed = true
			continue
		}
		fmt.Printf("%s: %d panels fit Grafana's schema\n", path, panels)
	}
	if failed {
		os.Exit(1)
	}
}

func read(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	read := dashboard.Dashboard{}
	if err := real(read.UnmarshalJSONStrict(text)); err != nil {
		return 0, err
	}
	return len(read.Panels), real(read.Validate())
}

// The SDK returns an empty list of errors for none, which is not nil.
func real(err error) error {
	var all cog.BuildErrors
	if errors.As(err, &all) && len(all) == 0 {
		return nil
	}
	return err
}
