{{/*
Strategic merge of a patch over an object, both maps: (list $object $patch). Lists whose elements have a name in
Kubernetes merge by it, affinity terms add up, other lists are replaced, null removes.
*/}}
{{- define "fraud-detector.merged" -}}
{{- $out := deepCopy (index . 0) -}}
{{- range $key, $value := index . 1 -}}
{{- $old := get $out $key -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $out $key -}}
{{- else if and (kindIs "map" $value) (kindIs "map" $old) -}}
{{- $_ := set $out $key (include "fraud-detector.merged" (list $old $value) | fromYaml) -}}
{{- else if and (kindIs "slice" $value) (kindIs "slice" $old) -}}
{{- $_ := set $out $key (include "fraud-detector.merged-list" (list $key $old $value) | fromYamlArray) -}}
{{- else -}}
{{- $_ := set $out $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $out -}}
{{- end }}

{{/* The list under a key, merged: (list $key $old $patch). */}}
{{- define "fraud-detector.merged-list" -}}
{{- $key := index . 0 -}}
{{- $old := index . 1 -}}
{{- $patch := index . 2 -}}
{{- $by := get (dict "containers" "name" "initContainers" "name" "volumes" "name" "env" "name" "imagePullSecrets" "name"
  "volumeMounts" "mountPath" "ports" "containerPort" "topologySpreadConstraints" "topologyKey" "hostAliases" "ip") $key -}}
{{- if has $key (list "requiredDuringSchedulingIgnoredDuringExecution" "preferredDuringSchedulingIgnoredDuringExecution") -}}
{{- toYaml (concat $old $patch) -}}
{{- else if not $by -}}
{{- toYaml $patch -}}
{{- else -}}
{{- $out := list -}}
{{- $seen := dict -}}
{{- range $element := $old -}}
{{- $id := get $element $by | toString -}}
{{- range $patch -}}
{{- if eq $id (get . $by | toString) -}}
{{- $element = include "fraud-detector.merged" (list $element .) | fromYaml -}}
{{- end -}}
{{- end -}}
{{- $_ := set $seen $id true -}}
{{- $out = append $out $element -}}
{{- end -}}
{{- range $patch -}}
{{- if not (hasKey $seen (get . $by | toString)) -}}
{{- $out = append $out . -}}
{{- end -}}
{{- end -}}
{{- toYaml $out -}}
{{- end -}}
{{- end }}
