{{/*
Template of a Flink pod, the user's patch over it:
(dict "root" $ "role" "jobManager" "part" "jobmanager" "annotations" <map> "container" <map>).
*/}}
{{- define "fraud-detector.flink-pod" -}}
{{- $settings := include "fraud-detector.settings" .root | fromYaml -}}
{{- $pods := get $settings .role -}}
{{- $pod := include "fraud-detector.flink-pod-base" (merge (dict "settings" $settings "resources" $pods.resources) .) | fromYaml -}}
{{- /* before anything is made of it: templates run in no order that counts */ -}}
{{- include "fraud-detector.validate-template" (list .role $pods.podTemplate) -}}
{{- $pod = include "fraud-detector.merged" (list $pod ($pods.podTemplate | default dict)) | fromYaml -}}
{{- /* a container that the patch adds is bound like ours */ -}}
{{- $security := include "fraud-detector.container-security" . | fromYaml -}}
{{- range concat $pod.spec.containers ($pod.spec.initContainers | default list) -}}
{{- $_ := set . "securityContext" $security -}}
{{- end -}}
{{- /* whatever the patch says, the Deployment must find its pods */ -}}
{{- $_ := mustMergeOverwrite $pod.metadata.labels (include "fraud-detector.selector" (list .root .part) | fromYaml) -}}
{{- toYaml $pod -}}
{{- end }}

{{- define "fraud-detector.flink-pod-base" -}}
metadata:
  labels:
    {{- include "fraud-detector.pod-labels" (list .root .part) | nindent 4 }}
  annotations:
    {{- toYaml .annotations | nindent 4 }}
spec:
  serviceAccountName: {{ include "fraud-detector.name" .root }}-flink
  {{- with .settings.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    {{- include "fraud-detector.pod-security" 9999 | nindent 4 }}
  {{- if include "fraud-detector.one-node" .settings.storage }}
  affinity:
    podAffinity:
      # a volume with a single writer: all pods on its node
      requiredDuringSchedulingIgnoredDuringExecution:
        - topologyKey: kubernetes.io/hostname
          labelSelector:
            {{- include "fraud-detector.flink-selector" .root | nindent 12 }}
            {{- end }}
  containers:
    - name: {{ .part }}
      image: {{ include "fraud-detector.image" (list .root .root.Values.images.job) | quote }}
      imagePullPolicy: {{ .root.Values.images.job.pullPolicy }}
      {{- toYaml .container | nindent 6 }}
      resources:
        {{- include "fraud-detector.resources" .resources | nindent 8 }}
      securityContext:
        {{- include "fraud-detector.container-security" . | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: flink
          mountPath: /opt/flink/conf
          readOnly: true
        {{- if eq .settings.storage.type "Volume" }}
        - name: state
          mountPath: /state
        {{- end }}
        {{- if eq .part "jobmanager" }}
        - name: detector
          mountPath: /etc/fraud/detector
          readOnly: true
        {{- end }}
        {{- with include "fraud-detector.secret-mounts" .root.Values.secrets | trim }}
        {{- . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {}
    - name: flink
      configMap:
        name: {{ include "fraud-detector.name" .root }}-flink
    {{- if eq .part "jobmanager" }}
    - name: detector
      configMap:
        name: {{ include "fraud-detector.name" .root }}-detector
    {{- end }}
    {{- if eq .settings.storage.type "Volume" }}
    - name: state
      persistentVolumeClaim:
        claimName: {{ include "fraud-detector.name" .root }}-state
    {{- end }}
    {{- with include "fraud-detector.secret-volumes" .root.Values.secrets | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end }}

{{/*
Template of a pod of the tools' image:
(dict "root" $ "part" "generator" "restartPolicy" "Always" "annotations" <map> "container" <map> "resources" <map>
"secrets" <names>).
*/}}
{{- define "fraud-detector.tools-pod" -}}
{{- $settings := include "fraud-detector.settings" .root | fromYaml -}}
metadata:
  labels:
    {{- include "fraud-detector.pod-labels" (list .root .part) | nindent 4 }}
  annotations:
    {{- toYaml .annotations | nindent 4 }}
spec:
  serviceAccountName: {{ include "fraud-detector.name" .root }}-tools
  automountServiceAccountToken: false
  restartPolicy: {{ .restartPolicy }}
  {{- with $settings.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    {{- include "fraud-detector.pod-security" 10001 | nindent 4 }}
  containers:
    - name: {{ .part }}
      image: {{ include "fraud-detector.image" (list .root .root.Values.images.tools) | quote }}
      imagePullPolicy: {{ .root.Values.images.tools.pullPolicy }}
      {{- toYaml .container | nindent 6 }}
      {{- if .secrets }}
      args: [--secrets-dir, /etc/fraud/secrets]
      {{- end }}
      resources:
        {{- include "fraud-detector.resources" .resources | nindent 8 }}
      securityContext:
        {{- include "fraud-detector.container-security" . | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: detector
          mountPath: /etc/fraud/detector
          readOnly: true
        {{- with include "fraud-detector.secret-mounts" .secrets | trim }}
        {{- . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {}
    - name: detector
      configMap:
        name: {{ include "fraud-detector.name" .root }}-detector
    {{- with include "fraud-detector.secret-volumes" .secrets | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* Whether storage can be mounted on one node only. */}}
{{- define "fraud-detector.one-node" -}}
{{- if and (eq .type "Volume") (ne .accessMode "ReadWriteMany") }}yes{{ end -}}
{{- end }}

{{/* Environment of both roles. */}}
{{- define "fraud-detector.environment" -}}
{{- $storage := (include "fraud-detector.settings" . | fromYaml).storage -}}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- if $storage.secretName }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ $storage.secretName | quote }}
      key: accessKeyId
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ $storage.secretName | quote }}
      key: secretAccessKey
{{- end }}
{{- end }}

{{/* Secrets as files, by a list of their names. */}}
{{- define "fraud-detector.secret-mounts" -}}
{{- range $index, $name := . }}
- name: secret-{{ $index }}
  mountPath: {{ printf "/etc/fraud/secrets/%s" $name | quote }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "fraud-detector.secret-volumes" -}}
{{- range $index, $name := . }}
- name: secret-{{ $index }}
  secret:
    secretName: {{ $name | quote }}
    defaultMode: 0440
{{- end }}
{{- end }}

{{/* What the Pod Security level restricted asks of a pod, for a user's id. */}}
{{- define "fraud-detector.pod-security" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "fraud-detector.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Memory is limited to what is asked for. CPU is not: a JVM that starts wants several times what it needs later. */}}
{{- define "fraud-detector.resources" -}}
requests:
  cpu: {{ .cpu | quote }}
  memory: {{ .memory | quote }}
limits:
  memory: {{ .memory | quote }}
{{- end }}
