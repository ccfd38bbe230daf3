// The comparison function of the benchmark: what a function written with function-sdk-go does per call, with the same output
// as ours. It reads the XR and the observed resources through the SDK and sets desired state, status and conditions through
// it. What to desire is not computed but copied from a template, which is less work than rendering it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	function "github.com/crossplane/function-sdk-go"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/crossplane/function-sdk-go/request"
	"github.com/crossplane/function-sdk-go/resource"
	"github.com/crossplane/function-sdk-go/resource/composed"
	"github.com/crossplane/function-sdk-go/response"
)

// A template is what our own function answers to the request of the benchmark.
type template struct {
	Status     map[string]any            `json:"status"`
	TTLSeconds int64                     `json:"ttlSeconds"`
	Resources  map[string]map[string]any `json:"resources"`
	Conditions []struct {
		Type    string      `json:"type"`
		Status  fnv1.Status `json:"status"`
		Reason  string      `json:"reason"`
		Message string      `json:"message"`
	} `json:"conditions"`
}

type fn struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	template template
}

func (f *fn) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	rsp := response.To(req, time.Duration(f.template.TTLSeconds)*time.Second)
	xr, err := request.GetObservedCompositeResource(req)
	if err != nil {
		response.Fatal(rsp, err)
		return rsp, nil
	}
	observed, err := request.GetObservedComposedResources(req)
	if err != nil {
		response.Fatal(rsp, err)
		return rsp, nil
	}
	desired, err := request.GetDesiredComposedResources(req)
	if err != nil {
		response.Fatal(rsp, err)
		return rsp, nil
	}
	for name, manifest := range f.template.Resources {
		dcd := &resource.DesiredComposed{Resource: composed.New(), Ready: resource.ReadyFalse}
		dcd.Resource.Object = (&unstructured.Unstructured{Object: manifest}).DeepCopy().Object
		if ready(observed[resource.Name(name)]) {
			dcd.Ready = resource.ReadyTrue
		}
		desired[resource.Name(name)] = dcd
	}
	if err := response.SetDesiredComposedResources(rsp, desired); err != nil {
		response.Fatal(rsp, err)
		return rsp, nil
	}
	dxr := &resource.Composite{Resource: xr.Resource, ConnectionDetails: resource.ConnectionDetails{}, Ready: resource.ReadyTrue}
	dxr.Resource.Object = map[string]any{
		"apiVersion": xr.Resource.GetAPIVersion(),
		"kind":       xr.Resource.GetKind(),
		"status":     (&unstructured.Unstructured{Object: f.template.Status}).DeepCopy().Object,
	}
	if err := response.SetDesiredCompositeResource(rsp, dxr); err != nil {
		response.Fatal(rsp, err)
		return rsp, nil
	}
	rsp.Meta.Ttl = durationpb.New(time.Duration(f.template.TTLSeconds) * time.Second)
	for _, c := range f.template.Conditions {
		target := fnv1.Target_TARGET_COMPOSITE_AND_CLAIM
		message := c.Message
		rsp.Conditions = append(rsp.Conditions, &fnv1.Condition{
			Type: c.Type, Status: c.Status, Reason: c.Reason, Message: &message, Target: &target,
		})
	}
	return rsp, nil
}

func ready(observed resource.ObservedComposed) bool {
	if observed.Resource == nil {
		return false
	}
	return observed.Resource.GetCondition("Ready").Status == "True"
}

func main() {
	address := flag.String("address", ":9443", "address for gRPC")
	insecure := flag.Bool("insecure", false, "serve plaintext")
	certs := flag.String("tls-certs-dir", "", "directory with ca.crt, tls.crt and tls.key")
	path := flag.String("template", "", "JSON file with what to desire")
	flag.Parse()
	f := &fn{}
	content, err := os.ReadFile(*path)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.Unmarshal(content, &f.template); err != nil {
		log.Fatal(err)
	}
	if err := function.Serve(f,
		function.Listen("tcp", *address),
		function.MTLSCertificates(*certs),
		function.Insecure(*insecure),
		function.MaxRecvMessageSize(16*1024*1024),
		function.WithMetricsServer(""),
	); err != nil {
		log.Fatal(err)
	}
}
