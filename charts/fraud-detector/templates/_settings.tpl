{{/*
What the detector's spec.flink says, with the values over it, as YAML:
parallelism, slots, jobManager, taskManager, storage, configuration, pullSecrets.
The defaults are the resource's own.
*/}}
{{- define "fraud-detector.settings" -}}
{{- $flink := dig "flink" dict .Values.detector.spec | default dict -}}
{{- $parallelism := .Values.job.parallelism | default $flink.parallelism | default 1 | int -}}
{{- $out := dict
  "parallelism" $parallelism
  "jobManager" (include "fraud-detector.pods" (list $flink.jobManager .Values.jobManager) | fromYaml)
  "taskManager" (include "fraud-detector.pods" (list $flink.taskManager .Values.taskManager) | fromYaml)
  "storage" (include "fraud-detector.storage" (list $flink .Values.storage) | fromYaml)
  "configuration" (merge dict .Values.configuration ($flink.configuration | default dict))
  "pullSecrets" (.Values.images.pullSecrets | default $flink.imagePullSecrets | default list)
-}}
{{- $least := divf $parallelism $out.taskManager.replicas | ceil | int -}}
{{- $_ := set $out "slots" (.Values.taskManager.slots | default $least | int) -}}
{{- toYaml $out -}}
{{- end }}

{{/* Replicas, resources and pod template of one role: (list <of the detector> <of the values>). */}}
{{- define "fraud-detector.pods" -}}
{{- $default := dict "replicas" 1 "resources" (dict "cpu" "100m" "memory" "1Gi") "podTemplate" dict -}}
{{- mustMergeOverwrite $default (deepCopy (index . 0 | default dict)) (deepCopy (index . 1)) | toYaml -}}
{{- end }}

{{- define "fraud-detector.storage" -}}
{{- $default := dict "type" "Volume" "size" "1Gi" "accessMode" "ReadWriteOnce" -}}
{{- $asked := deepCopy (dig "checkpoints" "storage" dict (index . 0) | default dict) -}}
{{- with $asked.secretRef -}}
{{- $_ := set $asked "secretName" .name -}}
{{- end -}}
{{- mustMergeOverwrite $default (omit $asked "secretRef") (deepCopy (index . 1)) | toYaml -}}
{{- end }}

{{/* A quantity of memory, such as 1.5Gi, in bytes. */}}
{{- define "fraud-detector.bytes" -}}
{{- $units := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12
  "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $number := regexFind "^[0-9.]+" . -}}
{{- mulf (float64 $number) (get $units (trimPrefix $number .)) | floor | int64 -}}
{{- end }}

{{/* Where state is kept: a URI. Detectors that share a bucket never meet. */}}
{{- define "fraud-detector.state-uri" -}}
{{- $storage := (include "fraud-detector.settings" . | fromYaml).storage -}}
{{- if eq $storage.type "S3" -}}
{{ trimSuffix "/" ($storage.uri | default "") }}/{{ include "fraud-detector.namespace" . }}/{{ .Values.detector.metadata.name }}
{{- else -}}
file:///state
{{- end -}}
{{- end }}
