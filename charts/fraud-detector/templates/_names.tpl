{{/* Common beginning of all names: fd-NAME, after the detector. */}}
{{- define "fraud-detector.name" -}}
fd-{{ .Values.detector.metadata.name }}
{{- end }}

{{/* Where all objects go: the release's namespace, unless whoever keeps releases elsewhere says another. */}}
{{- define "fraud-detector.namespace" -}}
{{ .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{/* What tells the objects of one release from those of another, in labels and selectors. */}}
{{- define "fraud-detector.instance" -}}
{{ .Values.instanceOverride | default .Release.Name }}
{{- end }}

{{/* Labels that select the pods of one part: (list $ "jobmanager"). */}}
{{- define "fraud-detector.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: fraud-detector
app.kubernetes.io/instance: {{ include "fraud-detector.instance" $root }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Selects all Flink pods of the detector. */}}
{{- define "fraud-detector.flink-selector" -}}
matchLabels:
  app.kubernetes.io/name: fraud-detector
  app.kubernetes.io/instance: {{ include "fraud-detector.instance" . }}
matchExpressions:
  - {key: app.kubernetes.io/component, operator: In, values: [jobmanager, taskmanager]}
{{- end }}

{{/* Labels of a pod of one part: without versions, or a new chart would restart every job. */}}
{{- define "fraud-detector.pod-labels" -}}
{{- $root := index . 0 -}}
{{ include "fraud-detector.selector" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: fraud-detector
frauddetector.io/detector: {{ $root.Values.detector.metadata.name }}
{{- with $root.Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Labels of an object of one part: (list $ "jobmanager"). */}}
{{- define "fraud-detector.labels" -}}
{{- $root := index . 0 -}}
{{ include "fraud-detector.pod-labels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{/* metadata of an object: (list $ "jobmanager" "jobmanager"), the part and the end of the name. */}}
{{- define "fraud-detector.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "fraud-detector.name" $root }}-{{ index . 2 }}
namespace: {{ include "fraud-detector.namespace" $root }}
labels:
  {{- include "fraud-detector.labels" (list $root (index . 1)) | nindent 2 }}
{{- end }}

{{- define "fraud-detector.cluster-id" -}}
{{- .Values.job.clusterId | default (printf "%s-%s" (include "fraud-detector.name" .) (trunc 8 .Values.job.id)) -}}
{{- end }}

{{/* An image by its values, the digest before the tag: (list $ .Values.images.job). */}}
{{- define "fraud-detector.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}
{{- end -}}
{{- end }}
