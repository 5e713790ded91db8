// Renders a chart again and again with Helm as a library and prints the nanoseconds that one time takes:
//
//	helm COUNT CHART VALUES...
//
// Each time the chart and the value files are read from disk, as `helm template` does; schemas are left out.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/cli/values"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/getter"
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

func main() {
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	// The first times fill what Helm keeps.
	for range 20 {
		if _, err := render(os.Args[2], os.Args[3:]); err != nil {
			panic(err)
		}
	}
	start := time.Now()
	for range count {
		if _, err := render(os.Args[2], os.Args[3:]); err != nil {
			panic(err)
		}
	}
	fmt.Println(time.Since(start).Nanoseconds() / int64(count))
}
