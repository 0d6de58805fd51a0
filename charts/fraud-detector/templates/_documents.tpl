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

{{/* What of it the job reads: what does not change this needs no new job. */}}
{{- define "fraud-detector.job-document" -}}
{{- omit .Values.detector.spec "generator" "elasticsearch" "notifications" | toJson -}}
{{- end }}

{{/* What of it the indexer reads. */}}
{{- define "fraud-detector.indexer-document" -}}
{{- omit .Values.detector.spec "generator" "notifications" "flink" | toJson -}}
{{- end }}

{{- define "fraud-detector.flink-files" -}}
config.yaml: |
  {{- include "fraud-detector.configuration" . | trim | nindent 2 }}
log4j-console.properties: |
  {{- .Files.Get "files/log4j-console.properties" | trim | nindent 2 }}
{{- end }}
