{{/* Refuses values that contradict each other, with one clear message. */}}
{{- define "fraud-detector.validate" -}}
{{- $settings := include "fraud-detector.settings" . | fromYaml -}}
{{- $namespace := .Values.detector.metadata.namespace -}}
{{- if and $namespace (ne $namespace (include "fraud-detector.namespace" .)) -}}
{{- fail (printf "detector.metadata.namespace is %s, but the objects go to %s: default topics carry the namespace, so both must be the same" $namespace (include "fraud-detector.namespace" .)) -}}
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
{{- $ours := "^(kubernetes\\.(cluster-id|namespace)|high-availability.*|(job|application)-result-store\\..*|execution\\.checkpointing\\.(dir|savepoint-dir|externalized-checkpoint-retention)|execution\\.(state-recovery|savepoint)\\..*|restart-strategy.*|execution\\.(shutdown-on-application-finish|submit-failed-job-on-application-error)|jobmanager\\.(bind-host|rpc\\..*)|taskmanager\\.(bind-host|host|data\\.port|rpc\\.port|numberOfTaskSlots)|blob\\.server\\.port|rest\\.(port|bind-address|bind-port|address)|parallelism\\.default|web\\.submit\\.enable|metrics\\.reporters|metrics\\.reporter\\.prom\\..*)$" -}}
{{- range $name, $_ := . -}}
{{- if regexMatch $ours $name -}}
{{- fail (printf "configuration: %s is the chart's to set; leave it out" $name) -}}
{{- end -}}
{{- if regexMatch "(?i)(password|secret|access-?key|token)" $name -}}
{{- fail (printf "configuration: %s looks like a secret, and everybody could read it here; name a Secret in storage.secretName or secrets" $name) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
A pod template changes where pods run and what else is in them, and never whose rights they have: what is not named here
is refused, also what Kubernetes may add one day. (list $role $podTemplate)
*/}}
{{- define "fraud-detector.validate-template" -}}
{{- $path := printf "%s.podTemplate" (index . 0) -}}
{{- $template := index . 1 | default dict -}}
{{- include "fraud-detector.validate-fields" (list $path $template (list "metadata" "spec")) -}}
{{- $metadata := $template.metadata | default dict -}}
{{- include "fraud-detector.validate-fields" (list (printf "%s.metadata" $path) $metadata (list "annotations" "labels")) -}}
{{- range $name, $_ := $metadata.annotations -}}
{{- if hasPrefix "container.apparmor.security.beta.kubernetes.io/" $name -}}
{{- fail (printf "%s.metadata.annotations must not set %s" $path $name) -}}
{{- end -}}
{{- end -}}
{{- $allowed := list "affinity" "containers" "dnsConfig" "dnsPolicy" "enableServiceLinks" "hostAliases" "imagePullSecrets"
  "initContainers" "nodeSelector" "preemptionPolicy" "priorityClassName" "readinessGates" "runtimeClassName" "schedulerName"
  "terminationGracePeriodSeconds" "tolerations" "topologySpreadConstraints" "volumes" -}}
{{- include "fraud-detector.validate-fields" (list (printf "%s.spec" $path) ($template.spec | default dict) $allowed) -}}
{{- end }}

{{/* Refuses all fields of a map but these, and looks into the lists among them: (list $path $given $allowed). */}}
{{- define "fraud-detector.validate-fields" -}}
{{- $path := index . 0 -}}
{{- $container := list "args" "command" "env" "envFrom" "image" "imagePullPolicy" "lifecycle" "livenessProbe" "name" "ports"
  "readinessProbe" "resources" "restartPolicy" "startupProbe" "terminationMessagePath" "terminationMessagePolicy"
  "volumeMounts" "workingDir" -}}
{{- $elements := dict
  "containers" $container
  "initContainers" $container
  "volumes" (list "configMap" "downwardAPI" "emptyDir" "ephemeral" "name" "persistentVolumeClaim" "projected" "secret")
  "volumeMounts" (list "mountPath" "name" "readOnly" "subPath" "subPathExpr")
  "ports" (list "containerPort" "name" "protocol") -}}
{{- $allowed := index . 2 -}}
{{- range $name, $value := index . 1 -}}
{{- if not (has $name $allowed) -}}
{{- fail (printf "%s must not set %s: what can be set there is %s" $path $name (join ", " $allowed)) -}}
{{- end -}}
{{- if has $name (list "livenessProbe" "readinessProbe" "startupProbe" "lifecycle") -}}
{{- include "fraud-detector.validate-host" (list (printf "%s.%s" $path $name) $value) -}}
{{- end -}}
{{- if hasKey $elements $name -}}
{{- if not (kindIs "slice" $value) -}}
{{- fail (printf "%s.%s must be a list" $path $name) -}}
{{- end -}}
{{- range $number, $element := $value -}}
{{- if not (kindIs "map" $element) -}}
{{- fail (printf "%s.%s[%d] must be a map" $path $name $number) -}}
{{- end -}}
{{- $inner := printf "%s.%s[%s]" $path $name ($element.name | default $number | toString) -}}
{{- include "fraud-detector.validate-fields" (list $inner $element (get $elements $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Refuses a probe or hook that asks another host than the pod: (list $path $handlers). */}}
{{- define "fraud-detector.validate-host" -}}
{{- $path := index . 0 -}}
{{- if kindIs "map" (index . 1) -}}
{{- range $name, $value := index . 1 -}}
{{- if eq $name "host" -}}
{{- fail (printf "%s must not set host" $path) -}}
{{- end -}}
{{- include "fraud-detector.validate-host" (list (printf "%s.%s" $path $name) $value) -}}
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
