{{/* Flink's settings, one a line. What keeps the job alive and its state findable can't be changed from outside. */}}
{{- define "fraud-detector.configuration" -}}
{{- $settings := include "fraud-detector.settings" . | fromYaml -}}
{{- $state := include "fraud-detector.state-uri" . -}}
{{- $cluster := include "fraud-detector.cluster-id" . -}}
{{- $fixed := dict
  "kubernetes.namespace" (include "fraud-detector.namespace" .)
  "kubernetes.cluster-id" $cluster
  "high-availability.type" "kubernetes"
  "high-availability.cluster-id" $cluster
  "high-availability.storageDir" (printf "%s/ha" $state)
  "execution.checkpointing.dir" (printf "%s/checkpoints" $state)
  "execution.checkpointing.savepoint-dir" (printf "%s/savepoints" $state)
  "job-result-store.delete-on-commit" "false"
  "application-result-store.delete-on-commit" "false"
  "execution.shutdown-on-application-finish" "false"
  "execution.submit-failed-job-on-application-error" "true"
  "jobmanager.bind-host" "0.0.0.0"
  "jobmanager.rpc.port" "6123"
  "blob.server.port" "6124"
  "rest.bind-address" "0.0.0.0"
  "rest.port" "8081"
  "taskmanager.bind-host" "0.0.0.0"
  "taskmanager.data.port" "6121"
  "taskmanager.rpc.port" "6122"
  "taskmanager.numberOfTaskSlots" $settings.slots
  "parallelism.default" $settings.parallelism
  "web.submit.enable" "false"
-}}
{{- /* A JobManager plans once and then waits: the second compiler would cost a quarter of its start for nothing.
Flink fetches no metrics while one of its questions is open, and a dead TaskManager never answers: by default, what the
operator judges a deployment by stands still for ten minutes then. */ -}}
{{- $tunable := dict
  "env.java.opts.jobmanager" "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
  "env.java.opts.taskmanager" "-XX:+UseParallelGC"
  "io.tmp.dirs" "/tmp"
  "web.timeout" "30 s"
  "web.upload.dir" "/tmp"
  "jobmanager.memory.process.size" (printf "%sb" (include "fraud-detector.bytes" $settings.jobManager.resources.memory))
  "taskmanager.memory.process.size" (printf "%sb" (include "fraud-detector.bytes" $settings.taskManager.resources.memory))
-}}
{{- if eq (dig "flink" "stateBackend" "HashMap" .Values.detector.spec) "HashMap" -}}
{{- /* state lives on the heap: only windows' buffers use managed memory */ -}}
{{- $_ := set $tunable "taskmanager.memory.managed.fraction" "0.1" -}}
{{- end -}}
{{- if .Values.metrics.enabled -}}
{{- $_ := set $fixed "metrics.reporters" "prom" -}}
{{- $_ := set $fixed "metrics.reporter.prom.factory.class" "org.apache.flink.metrics.prometheus.PrometheusReporterFactory" -}}
{{- $_ := set $fixed "metrics.reporter.prom.port" "9249" -}}
{{- end -}}
{{- if $settings.storage.endpoint -}}
{{- $_ := set $tunable "s3.endpoint" $settings.storage.endpoint -}}
{{- $_ := set $tunable "s3.path.style.access" "true" -}}
{{- end -}}
{{- range $name, $value := merge $fixed $settings.configuration $tunable }}
{{ $name }}: {{ $value | toString | quote }}
{{- end -}}
{{- end }}
