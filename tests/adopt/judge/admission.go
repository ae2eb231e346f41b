package main

import (
	"context"
	"fmt"

	v1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
)

var (
	podKind     = corev1.SchemeGroupVersion.WithKind("Pod")
	podResource = corev1.SchemeGroupVersion.WithResource("pods")
)

// admitted is what became of a pod.
type admitted struct {
	// Matched is whether the policy's conditions hold for it.
	Matched bool           `json:"matched"`
	Pod     runtime.Object `json:"pod"`
}

// admit compiles a policy and applies it to the creation of a pod, with the compiler, the patchers and the
// schemas of the API server. Not looked at: `matchConstraints`, which choose the request.
func admit(policyFile, podFile string) (any, error) {
	policy, err := only[*v1.MutatingAdmissionPolicy](policyFile)
	if err != nil {
		return nil, err
	}
	pod, err := only[*corev1.Pod](podFile)
	if err != nil {
		return nil, err
	}

	options := plugincel.OptionalVariableDeclarations{HasParams: policy.Spec.ParamKind != nil, HasAuthorizer: true}
	environments := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	compiler, err := plugincel.NewCompositedCompiler(environments)
	if err != nil {
		return nil, err
	}
	for _, variable := range policy.Spec.Variables {
		accessor := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		// New expressions may use only what the previous Kubernetes has, too: the stricter of the two sets.
		result := compiler.CompileAndStoreVariable(accessor, options, environment.NewExpressions)
		if result.Error != nil {
			return nil, fmt.Errorf("variable %s: %w", variable.Name, result.Error)
		}
	}
	ctx := context.Context(compiler.CreateContext(context.Background()))

	var conditions []plugincel.ExpressionAccessor
	for index := range policy.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&policy.Spec.MatchConditions[index]))
	}
	evaluator := compiler.CompileCondition(conditions, options, environment.NewExpressions)
	if errs := evaluator.CompilationErrors(); len(errs) > 0 {
		return nil, fmt.Errorf("matchConditions: %w", errs[0])
	}
	matcher := matchconditions.NewMatcher(evaluator, policy.Spec.FailurePolicy, "policy", "mutate", policy.Name)
	matched := matcher.Match(ctx, attributes(pod), nil, nil)
	if matched.Error != nil {
		return nil, matched.Error
	}
	if !matched.Matches {
		return admitted{Pod: pod}, nil
	}

	options.HasPatchTypes = true
	var object runtime.Object = pod
	for index, mutation := range policy.Spec.Mutations {
		patcher, err := compiled(compiler, mutation, options)
		if err != nil {
			return nil, fmt.Errorf("mutation %d: %w", index, err)
		}
		request := patch.Request{
			MatchedResource:     podResource,
			VersionedAttributes: attributes(object),
			ObjectInterfaces:    admission.NewObjectInterfacesFromScheme(scheme.Scheme),
			TypeConverter:       applyconfigurations.NewTypeConverter(scheme.Scheme),
		}
		object, err = patcher.Patch(ctx, request, celconfig.RuntimeCELCostBudget)
		if err != nil {
			return nil, fmt.Errorf("mutation %d: %w", index, err)
		}
	}
	return admitted{Matched: true, Pod: object}, nil
}

func compiled(compiler *plugincel.CompositedCompiler, mutation v1.Mutation, options plugincel.OptionalVariableDeclarations) (patch.Patcher, error) {
	switch {
	case mutation.PatchType == v1.PatchTypeJSONPatch && mutation.JSONPatch != nil:
		accessor := &patch.JSONPatchCondition{Expression: mutation.JSONPatch.Expression}
		return patch.NewJSONPatcher(compiler.CompileMutatingEvaluator(accessor, options, environment.NewExpressions)), nil
	case mutation.PatchType == v1.PatchTypeApplyConfiguration && mutation.ApplyConfiguration != nil:
		accessor := &patch.ApplyConfigurationCondition{Expression: mutation.ApplyConfiguration.Expression}
		return patch.NewApplyConfigurationPatcher(compiler.CompileMutatingEvaluator(accessor, options, environment.NewExpressions)), nil
	default:
		return nil, fmt.Errorf("its patchType is %q, and what belongs to that is missing", mutation.PatchType)
	}
}

func attributes(pod runtime.Object) *admission.VersionedAttributes {
	named := pod.(metav1.Object)
	pod.GetObjectKind().SetGroupVersionKind(podKind)
	record := admission.NewAttributesRecord(pod, nil, podKind, named.GetNamespace(), named.GetName(), podResource,
		"", admission.Create, &metav1.CreateOptions{}, false, nil)
	return &admission.VersionedAttributes{Attributes: record, VersionedKind: podKind, VersionedObject: pod}
}

// only gives the one object of a type that a file holds.
func only[T runtime.Object](file string) (T, error) {
	var found T
	objects, err := decoded(file)
	if err != nil {
		return found, err
	}
	for _, object := range objects {
		if object, isIt := object.(T); isIt {
			return object, nil
		}
	}
	return found, fmt.Errorf("%s holds no %T", file, found)
}
