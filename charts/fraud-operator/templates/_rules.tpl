{{/*
What the operator may do in the namespaces that it serves. It installs charts/fraud-detector with Helm: so it reads and
writes every kind in that chart, and no Secret that is not named.
*/}}
{{- define "fraud-operator.rules" -}}
{{- $all := "get, list, watch, create, update, patch, delete" -}}
- apiGroups: [frauddetector.io]
  resources: [frauddetectors]
  verbs: [get, list, watch, patch]
- apiGroups: [frauddetector.io]
  resources: [frauddetectors/status]
  verbs: [get, patch]
- apiGroups: ["", events.k8s.io]
  resources: [events]
  verbs: [create, patch]
- apiGroups: [""]
  resources: [services, persistentvolumeclaims, serviceaccounts, configmaps]
  verbs: [{{ $all }}]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [{{ $all }}]
- apiGroups: [apps]
  resources: [replicasets]
  verbs: [get, list, watch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [{{ $all }}]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [{{ $all }}]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [{{ $all }}]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles, rolebindings]
  verbs: [{{ $all }}]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
{{- with .Values.rbac.secretNames }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames:
    {{- toYaml . | nindent 4 }}
  verbs: [get]
{{- end }}
{{- if .Values.metrics.serviceMonitor }}
- apiGroups: [monitoring.coreos.com]
  resources: [servicemonitors]
  verbs: [{{ $all }}]
{{- end }}
{{- if .Values.peering.enabled }}
- apiGroups: [kopf.dev]
  resources: [{{ if .Values.watchNamespaces }}kopfpeerings{{ else }}clusterkopfpeerings{{ end }}]
  verbs: [get, list, watch, patch]
{{- end }}
{{- end }}
