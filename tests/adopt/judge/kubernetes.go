package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// kubernetes decodes each object of a file into the type that its kind has; an unknown or repeated field is
// an error, as it is with `kubectl --validate=strict`.
func kubernetes(file string) (any, error) {
	return decoded(file)
}

func decoded(file string) ([]runtime.Object, error) {
	text, err := read(file)
	if err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(text)))
	objects := []runtime.Object{}
	for {
		document := make([]byte, 1<<20)
		size, err := documents.Read(document)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		object, kind, err := decoder.Decode(document[:size], nil, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		object.GetObjectKind().SetGroupVersionKind(*kind)
		objects = append(objects, object)
	}
}

// restricted evaluates the pods, and the templates of pods, with the checks of Pod Security admission: a
// list of what it forbids.
func restricted(file string) (any, error) {
	objects, err := decoded(file)
	if err != nil {
		return nil, err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, err
	}
	forbidden := []string{}
	for _, object := range objects {
		template := podTemplate(object)
		if template == nil {
			continue
		}
		level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
		results := evaluator.EvaluatePod(level, &template.ObjectMeta, &template.Spec)
		for _, result := range results {
			if !result.Allowed {
				forbidden = append(forbidden, result.ForbiddenReason+": "+result.ForbiddenDetail)
			}
		}
	}
	return forbidden, nil
}

func podTemplate(object runtime.Object) *corev1.PodTemplateSpec {
	switch object := object.(type) {
	case *corev1.Pod:
		return &corev1.PodTemplateSpec{ObjectMeta: object.ObjectMeta, Spec: object.Spec}
	case *appsv1.Deployment:
		return &object.Spec.Template
	case *appsv1.StatefulSet:
		return &object.Spec.Template
	case *appsv1.DaemonSet:
		return &object.Spec.Template
	case *batchv1.Job:
		return &object.Spec.Template
	default:
		return nil
	}
}
