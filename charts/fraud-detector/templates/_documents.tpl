{{/* The detector as the job reads it: JSON, without what only a cluster or an editor cares about. */}}
{{- define "fraud-detector.document" -}}
{{- $detector := .Values.detector -}}
{{- dict
  "apiVersion" $detector.apiVersion
  "kind" $detector.kind
  "metadata" (dict "name" $detector.metadata.name "namespace" .Release.Namespace)
  "spec" $detector.spec
  | toPrettyJson -}}
{{- end }}

{{- define "fraud-detector.flink-files" -}}
config.yaml: |
  {{- include "fraud-detector.configuration" . | trim | nindent 2 }}
log4j-console.properties: |
  {{- .Files.Get "files/log4j-console.properties" | trim | nindent 2 }}
{{- end }}
