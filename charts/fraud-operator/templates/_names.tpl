{{/* The release's name, with fraud-operator in it. */}}
{{- define "fraud-operator.name" -}}
{{- if contains "fraud-operator" .Release.Name -}}
{{ .Release.Name }}
{{- else -}}
{{ printf "%s-fraud-operator" .Release.Name | trunc 63 }}
{{- end -}}
{{- end }}

{{- define "fraud-operator.service-account" -}}
{{ .Values.serviceAccount.name | default (include "fraud-operator.name" .) }}
{{- end }}

{{/* Labels that select the pods of one part: (list $ "operator"). */}}
{{- define "fraud-operator.selector" -}}
app.kubernetes.io/name: fraud-operator
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "fraud-operator.labels" -}}
{{- $root := index . 0 -}}
{{ include "fraud-operator.selector" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: fraud-detector
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- with $root.Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata of an object in the release's namespace. */}}
{{- define "fraud-operator.metadata" -}}
name: {{ include "fraud-operator.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "fraud-operator.labels" (list . "operator") | nindent 2 }}
{{- end }}

{{/* An image by its values, the digest before the tag: (list $ .Values.image). */}}
{{- define "fraud-operator.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}
{{- end -}}
{{- end }}
