{{- define "weft.name" -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- end }}

{{- define "weft.labels" -}}
{{ include "weft.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "weft.selector" -}}
app.kubernetes.io/name: weft
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "weft.edge" -}}
{{ include "weft.selector" . }}
app.kubernetes.io/component: edge
{{- end }}

{{- define "weft.runner" -}}
{{ include "weft.selector" . }}
app.kubernetes.io/component: runner
{{- end }}

{{/* Takes a list: the root, and an image's name. */}}
{{- define "weft.image" -}}
{{- $root := index . 0 -}}
{{ $root.Values.image.registry }}/weft-{{ index . 1 }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end }}

{{/* What no container of Weft needs: root, capabilities, a file system to write to. */}}
{{- define "weft.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "weft.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Takes a list: the root, a variable, a key of the secret, and whether it may be absent. */}}
{{- define "weft.fromSecret" -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef: { name: {{ (index . 0).Values.secret }}, key: {{ index . 2 }}{{ if index . 3 }}, optional: true{{ end }} }
{{- end }}

{{/* At its place among the sources: what it imports is found from there. */}}
{{- define "weft.configMount" -}}
{{- if .Values.configMap -}}
- { name: config, mountPath: /weft/weft.config.ts, subPath: weft.config.ts, readOnly: true }
{{- end }}
{{- end }}

{{- define "weft.configVolume" -}}
{{- with .Values.configMap -}}
- { name: config, configMap: { name: {{ . }} } }
{{- end }}
{{- end }}

{{/* `runners` of the edge's configuration, as JSON: each pool by the name that stands for its pods. Where no pool is for training, those for requests take the jobs too. */}}
{{- define "weft.runners" -}}
{{- $roles := list -}}
{{- range .Values.pools }}{{ $roles = append $roles .role }}{{ end -}}
{{- if not (has "inference" $roles) }}{{ fail "pools: none has the role inference, so nobody would answer requests" }}{{ end -}}
{{- $pools := dict -}}
{{- range .Values.pools -}}
{{- if not (has .role (list "inference" "training")) }}{{ fail (printf "pools: %s has the role %q; expected inference or training" .name .role) }}{{ end -}}
{{- if hasKey $pools .name }}{{ fail (printf "pools: there are two of the name %s" .name) }}{{ end -}}
{{- $pool := dict "dns" (printf "http://%s-runner-%s:8790" (include "weft.name" $) .name) -}}
{{- if has "training" $roles }}{{ $_ := set $pool "for" (list .role) }}{{ end -}}
{{- $_ := set $pools .name $pool -}}
{{- end -}}
{{- dict "pools" $pools | toJson -}}
{{- end }}
