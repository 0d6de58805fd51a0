{{/* The detector as the job reads it: JSON, without what only a cluster or an editor cares about. */}}
{{- define "fraud-detector.document" -}}
{{- $detector := .Values.detector -}}
{{- dict
  "apiVersion" $detector.apiVersion
  "kind" $detector.kind
  "metadata" (dict "name" $detector.metadata.name "namespace" (include "fraud-detector.namespace" .))
  "spec" $detector.spec
  | toPrettyJson -}}
{{- end }}

{{/* What of it the job reads: what does not change this needs no new job. */}}
{{- define "fraud-detector.job-document" -}}
{{- omit .Values.detector.spec "generator" "elasticsearch" "notifications" | toJson -}}
{{- end }}

{{/* What of it the indexer reads: of the rules only whether there are any, and any that block. */}}
{{- define "fraud-detector.indexer-document" -}}
{{- $read := omit .Values.detector.spec "generator" "notifications" "flink" "parameters" "views" "rules" -}}
{{- range .Values.detector.spec.rules -}}
{{- $_ := set $read "alerts" true -}}
{{- if dig "actions" dict . | dig "block" nil | kindIs "map" -}}
{{- $_ := set $read "blocked" true -}}
{{- end -}}
{{- end -}}
{{- $read | toJson -}}
{{- end }}

{{- define "fraud-detector.flink-files" -}}
config.yaml: |
  {{- include "fraud-detector.configuration" . | trim | nindent 2 }}
log4j-console.properties: |
  {{- .Files.Get "files/log4j-console.properties" | trim | nindent 2 }}
{{- end }}
