import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from '@weft/protocol'
import { memoryRoot } from '../../packages/edge/node-host/memory-composition-root.ts'
import { tokens } from '../../packages/edge/src/tokens.ts'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Weft: every endpoint</title>
</head>
<body>
<div id="reference"></div>
<script src="standalone.js"></script>
<script src="start.js"></script>
</body>
</html>
`

/** Nothing is asked of anybody else: no fonts, no proxy, no assistant, no counting. */
const start = `Scalar.createApiReference('#reference', {
  url: 'openapi.json',
  telemetry: false,
  withDefaultFonts: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
})
`

/** The edge's own description, as a running edge gives it at `/openapi.json`. */
export async function openapi(): Promise<object> {
  const { container } = memoryRoot(defineConfig({ models: { base: {} }, plugins: [] }), 'http://127.0.0.1:9')
  return (await (await container.get(tokens.app).request('/openapi.json')).json()) as object
}

/** Writes Scalar's page of the API into the built site. */
export async function writeApiReference(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'index.html'), page)
  writeFileSync(join(folder, 'start.js'), start)
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(await openapi()))
  copyFileSync(join(import.meta.dirname, 'node_modules/@scalar/api-reference/dist/browser/standalone.js'), join(folder, 'standalone.js'))
}
