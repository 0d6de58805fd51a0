{{/* What every pod has, up to its containers: (list $ "kafka"). All images have their program's user under this id. */}}
{{- define "fraud-backends.pod" -}}
automountServiceAccountToken: false
# their variables, KAFKA_PORT and the like, would be taken for settings
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- with (index . 0).Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What every container has: (list $ "kafka"). */}}
{{- define "fraud-backends.container" -}}
{{- $part := index (index . 0).Values (index . 1) -}}
name: {{ index . 1 }}
image: {{ $part.image.repository }}:{{ $part.image.tag }}
imagePullPolicy: {{ $part.image.pullPolicy }}
resources:
  {{- toYaml $part.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* A part's configuration, hashed: the pod is made anew when it changes. */}}
{{- define "fraud-backends.pod-metadata" -}}
labels:
  {{- include "fraud-backends.labels" (list (index . 0) (index . 1)) | nindent 2 }}
annotations:
  checksum/configuration: {{ index . 2 | sha256sum }}
{{- end }}

{{/* The data volume, when it is one that goes with the pod; and when it is not. */}}
{{- define "fraud-backends.data-volume" -}}
{{- if not .persistence.enabled -}}
- name: data
  emptyDir: {}
{{- end -}}
{{- end }}

{{- define "fraud-backends.data-claim" -}}
{{- if .persistence.enabled -}}
volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .persistence.storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests:
          storage: {{ .persistence.size }}
{{- end -}}
{{- end }}

{{/* Settings of the chart's own and the user's: (list "kafka" OWN GIVEN); a setting in both is refused. */}}
{{- define "fraud-backends.no-doubles" -}}
{{- range $name, $value := index . 2 -}}
{{- if hasKey (index $ 1) $name -}}
{{- fail (printf "%s.configuration: the chart itself sets %s" (index $ 0) $name) -}}
{{- end -}}
{{- end -}}
{{- end }}
