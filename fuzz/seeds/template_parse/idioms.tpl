{{- define "h" -}}{{ .a | quote }}{{- end }}
{{- range $i, $v := .Values.l }}{{ if $i }}, {{ end }}{{ $v | toJson }}{{ break }}{{ else }}none{{ end }}
{{ with .Values.m }}{{ toYaml .n | nindent 2 }}{{ else with .x }}{{ . }}{{ end }}
