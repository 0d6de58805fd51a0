{{/* Refuses values that contradict each other, with one clear message. */}}
{{- define "fraud-detector.validate" -}}
{{- $settings := include "fraud-detector.settings" . | fromYaml -}}
{{- $namespace := .Values.detector.metadata.namespace -}}
{{- if and $namespace (ne $namespace .Release.Namespace) -}}
{{- fail (printf "detector.metadata.namespace is %s, but the release goes to %s: default topics carry the namespace, so both must be the same" $namespace .Release.Namespace) -}}
{{- end -}}
{{- if and .Values.running (not .Values.job.id) -}}
{{- fail "job.id is missing: running needs 32 hexadecimal digits, new for each deployment (openssl rand -hex 16); or set running to false" -}}
{{- end -}}
{{- $said := dig "flink" "parallelism" 1 .Values.detector.spec | int -}}
{{- if ne $said (int $settings.parallelism) -}}
{{- fail (printf "job.parallelism is %d, but the detector's spec.flink.parallelism is %d: say it in one place" (int $settings.parallelism) $said) -}}
{{- end -}}
{{- $offered := mul $settings.slots $settings.taskManager.replicas | int -}}
{{- if lt $offered (int $settings.parallelism) -}}
{{- fail (printf "parallelism %d needs as many slots, but taskManager.slots times replicas is %d" (int $settings.parallelism) $offered) -}}
{{- end -}}
{{- range .Values.detector.spec.parameters -}}
{{- /* Helm reads every number as a floating one */ -}}
{{- if and (kindIs "float64" .value) (or (ge .value 9007199254740992.0) (le .value -9007199254740992.0)) -}}
{{- fail (printf "detector.spec.parameters[%s].value has too many digits for Helm, which would round it: put it in quotes" .name) -}}
{{- end -}}
{{- end -}}
{{- include "fraud-detector.validate-storage" $settings.storage -}}
{{- include "fraud-detector.validate-configuration" $settings.configuration -}}
{{- range $role := list "jobManager" "taskManager" -}}
{{- $pods := get $settings $role -}}
{{- include "fraud-detector.validate-template" (list $role $pods.podTemplate) -}}
{{- include "fraud-detector.validate-memory" (list $role $pods.resources.memory $settings.configuration) -}}
{{- end -}}
{{- if and .Values.generator.enabled (not .Values.detector.spec.generator) -}}
{{- fail "generator.enabled is true, but the detector has no spec.generator: add one, or leave the generator off" -}}
{{- end -}}
{{- if and .Values.indexer.enabled (not .Values.detector.spec.elasticsearch) -}}
{{- fail "indexer.enabled is true, but the detector has no spec.elasticsearch: add one, or leave the indexer off" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor (not .Values.metrics.enabled) -}}
{{- fail "metrics.serviceMonitor needs metrics.enabled: there would be nothing to read" -}}
{{- end -}}
{{- end }}

{{- define "fraud-detector.validate-storage" -}}
{{- if and (eq .type "S3") (not .uri) -}}
{{- fail "storage.type S3 needs storage.uri, such as s3://bucket/flink" -}}
{{- end -}}
{{- if eq .type "Volume" -}}
{{- range $name := list "uri" "endpoint" "secretName" -}}
{{- if get $ $name -}}
{{- fail (printf "storage.%s goes with storage.type S3, but the type is Volume" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "fraud-detector.validate-configuration" -}}
{{- $ours := "^(kubernetes\\.(cluster-id|namespace)|high-availability.*|(job|application)-result-store\\..*|execution\\.checkpointing\\.(dir|savepoint-dir)|execution\\.(shutdown-on-application-finish|submit-failed-job-on-application-error)|jobmanager\\.(bind-host|rpc\\..*)|taskmanager\\.(bind-host|host|data\\.port|rpc\\.port|numberOfTaskSlots)|blob\\.server\\.port|rest\\.(port|bind-address|bind-port|address)|parallelism\\.default|web\\.submit\\.enable|metrics\\.reporters|metrics\\.reporter\\.prom\\..*)$" -}}
{{- range $name, $_ := . -}}
{{- if regexMatch $ours $name -}}
{{- fail (printf "configuration: %s is the chart's to set; leave it out" $name) -}}
{{- end -}}
{{- if regexMatch "(?i)(password|secret|access-?key|token)" $name -}}
{{- fail (printf "configuration: %s looks like a secret, and everybody could read it here; name a Secret in storage.secretName or secrets" $name) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* A pod template changes how pods are scheduled and what else is in them, not whose rights they have. */}}
{{- define "fraud-detector.validate-template" -}}
{{- $role := index . 0 -}}
{{- $spec := (index . 1).spec | default dict -}}
{{- range $name := list "serviceAccountName" "serviceAccount" "hostNetwork" "hostPID" "hostIPC" "securityContext" -}}
{{- if hasKey $spec $name -}}
{{- fail (printf "%s.podTemplate must not set spec.%s" $role $name) -}}
{{- end -}}
{{- end -}}
{{- range $volume := $spec.volumes -}}
{{- if hasKey $volume "hostPath" -}}
{{- fail (printf "%s.podTemplate must not mount a path of the node (volume %s)" $role $volume.name) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Below this Flink's own parts leave no heap; its message would not say so. */}}
{{- define "fraud-detector.validate-memory" -}}
{{- $role := index . 0 -}}
{{- $divided := false -}}
{{- range $name, $_ := index . 2 -}}
{{- if hasPrefix (printf "%s.memory." (lower $role)) $name -}}
{{- $divided = true -}}
{{- end -}}
{{- end -}}
{{- if and (not $divided) (lt (include "fraud-detector.bytes" (index . 1) | int64) 805306368) -}}
{{- fail (printf "%s.resources.memory is %s, too little for Flink: give at least 768Mi, 1Gi is better" $role (index . 1)) -}}
{{- end -}}
{{- end }}
