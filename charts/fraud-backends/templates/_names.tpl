{{/* Labels that select the pods of one part: (list $ "kafka"). */}}
{{- define "fraud-backends.selector" -}}
app.kubernetes.io/name: fraud-backends
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "fraud-backends.labels" -}}
{{- $root := index . 0 -}}
{{ include "fraud-backends.selector" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: fraud-detector
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- with $root.Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata of an object of one part, named as the part itself with a suffix: (list $ "kafka" "-nodes"). */}}
{{- define "fraud-backends.metadata" -}}
name: {{ index . 1 }}{{ index . 2 }}
namespace: {{ (index . 0).Release.Namespace }}
labels:
  {{- include "fraud-backends.labels" . | nindent 2 }}
{{- end }}

{{/* Both services of a part; the last is the port that outsiders reach: (list $ "kafka" 9092 "external"). */}}
{{- define "fraud-backends.services" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
{{- $external := (index $root.Values $part).external -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "fraud-backends.metadata" (list $root $part "") | nindent 2 }}
spec:
  selector:
    {{- include "fraud-backends.selector" (list $root $part) | nindent 4 }}
  ports:
    - {name: {{ $part }}, port: {{ index . 2 }}, targetPort: {{ $part }}}
{{- if $external.enabled }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "fraud-backends.metadata" (list $root $part "-external") | nindent 2 }}
spec:
  type: NodePort
  selector:
    {{- include "fraud-backends.selector" (list $root $part) | nindent 4 }}
  ports:
    - {name: external, port: {{ index . 2 }}, targetPort: {{ index . 3 }}, nodePort: {{ $external.nodePort }}}
{{- end }}
{{- end }}
