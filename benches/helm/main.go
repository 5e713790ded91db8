// Renders a chart again and again with Helm as a library and prints the nanoseconds that one time takes,
// without and with what `helm template` does afterwards, sorting the manifests:
//
//	helm COUNT CHART VALUES...
//
// Each time the chart and the value files are read from disk, as `helm template` does; schemas are left out.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/cli/values"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/getter"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

func render(path string, files []string) (map[string]string, error) {
	chart, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	options := values.Options{ValueFiles: files}
	merged, err := options.MergeValues(getter.Providers{})
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(chart, merged); err != nil {
		return nil, err
	}
	release := common.ReleaseOptions{Name: "release", Namespace: "default", Revision: 1, IsInstall: true}
	seen, err := util.ToRenderValuesWithSchemaValidation(chart, merged, release, common.DefaultCapabilities, true)
	if err != nil {
		return nil, err
	}
	return engine.Render(chart, seen)
}

// sorted splits what was rendered into manifests and sorts these by their kinds, for which it parses them.
func sorted(rendered map[string]string) (string, error) {
	_, manifests, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	var text strings.Builder
	for _, manifest := range manifests {
		fmt.Fprintf(&text, "---\n# Source: %s\n%s\n", manifest.Name, manifest.Content)
	}
	return text.String(), err
}

func main() {
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	run := func(sort bool) {
		rendered, err := render(os.Args[2], os.Args[3:])
		if err == nil && sort {
			_, err = sorted(rendered)
		}
		if err != nil {
			panic(err)
		}
	}
	// The first times fill what Helm keeps.
	for range 20 {
		run(true)
	}
	for _, sort := range []bool{false, true} {
		start := time.Now()
		for range count {
			run(sort)
		}
		fmt.Println(time.Since(start).Nanoseconds() / int64(count))
	}
}
