{{- define "fraud-backends.kafka-settings" -}}
{{- $kafka := .Values.kafka -}}
{{- $listeners := "PLAINTEXT://:9092,CONTROLLER://:9093" -}}
{{- $advertised := printf "PLAINTEXT://kafka.%s.svc:9092" .Release.Namespace -}}
{{- if $kafka.external.enabled -}}
{{- $listeners = print $listeners ",EXTERNAL://:9094" -}}
{{- $advertised = printf "%s,EXTERNAL://%s:%d" $advertised $kafka.external.host (int $kafka.external.nodePort) -}}
{{- end -}}
{{- $own := dict
  "process.roles" "broker,controller"
  "node.id" "1"
  "controller.quorum.bootstrap.servers" "localhost:9093"
  "controller.listener.names" "CONTROLLER"
  "listeners" $listeners
  "advertised.listeners" $advertised
  "listener.security.protocol.map" "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,EXTERNAL:PLAINTEXT"
  "log.dirs" "/var/lib/kafka/data/logs"
  "offsets.topic.replication.factor" "1"
  "transaction.state.log.replication.factor" "1"
  "transaction.state.log.min.isr" "1"
  "share.coordinator.state.topic.replication.factor" "1"
  "share.coordinator.state.topic.min.isr" "1"
-}}
{{- include "fraud-backends.no-doubles" (list "kafka" $own $kafka.configuration) -}}
{{/* as in fraudctl's own broker: a mistyped topic is an error, and a record of 10 MB passes */}}
{{- $defaults := dict
  "auto.create.topics.enable" "false"
  "num.partitions" "2"
  "message.max.bytes" "12582912"
  "replica.fetch.max.bytes" "12582912"
  "log.message.timestamp.type" "LogAppendTime"
  "offsets.topic.num.partitions" "4"
  "transaction.state.log.num.partitions" "4"
  "group.initial.rebalance.delay.ms" "0"
-}}
{{- range $name, $value := merge $own $kafka.configuration $defaults }}
{{ $name }}={{ $value }}
{{- end }}
{{- end }}

{{- define "fraud-backends.elasticsearch-settings" -}}
{{- $own := dict
  "cluster.name" "fraud"
  "node.name" "elasticsearch"
  "network.host" "0.0.0.0"
  "discovery.type" "single-node"
  "path.data" "/usr/share/elasticsearch/data/node"
  "path.logs" "/usr/share/elasticsearch/logs"
  "xpack.security.enabled" false
-}}
{{- include "fraud-backends.no-doubles" (list "elasticsearch" $own .Values.elasticsearch.configuration) -}}
{{/* no memory maps: most machines allow too few; no watermarks: a laptop's disk is always nearly full */}}
{{- $defaults := dict
  "node.store.allow_mmap" false
  "cluster.routing.allocation.disk.threshold_enabled" false
  "action.destructive_requires_name" true
-}}
{{- toYaml (merge $own .Values.elasticsearch.configuration $defaults) }}
{{- end }}
