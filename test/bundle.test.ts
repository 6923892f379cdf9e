import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const out = mkdtempSync(join(tmpdir(), 'weft-bundle-'))
afterAll(() => rmSync(out, { recursive: true, force: true }))

interface Metafile {
  inputs: Record<string, { bytes: number }>
}

test('wrangler bundles the Worker, without the engine and without model code', () => {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
  const metafile = join(out, 'meta.json')
  execFileSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--minify', '--outdir', out, '--metafile', metafile], {
    cwd: root,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
    stdio: 'pipe',
  })
  const inputs = Object.keys((JSON.parse(readFileSync(metafile, 'utf8')) as Metafile).inputs)
  expect(inputs.some((file) => file.endsWith('packages/edge/src/index.ts'))).toBe(true)
  expect(inputs.some((file) => file.includes('plugins/prompt-tuning/'))).toBe(true)
  const engine =
    /onnxruntime|koffi|protobufjs|@huggingface|packages\/(model|ort|onnx|autodiff|corpora|base-model|cli|inference|training|session|bench)\/|gpu-runner/
  expect(inputs.filter((file) => engine.test(file))).toEqual([])
  // Of the sites, the algebra; how they act in a graph is the runner's.
  expect(inputs.some((file) => file.endsWith('packages/adapters/src/sites/linear/algebra.ts'))).toBe(true)
  expect(inputs.filter((file) => /packages\/adapters\/src\/(hooks|sites\/[^/]+\/lower\.ts)/.test(file))).toEqual([])

  const script = join(out, 'index.js')
  const text = readFileSync(script, 'utf8')
  expect(text).not.toMatch(/onnxruntime|koffi/)
  const [bytes, gzip] = [statSync(script).size, gzipSync(text).byteLength]
  console.log(`the Worker's bundle: ${(bytes / 1024).toFixed(0)} KiB minified, ${(gzip / 1024).toFixed(0)} KiB gzip, of ${inputs.length} files`)
  // Far below Cloudflare's limit for a free plan (3 MiB gzip). One that jumps has caught something it should not, as zod's fifty languages once.
  expect(gzip).toBeLessThan(350 * 1024)
})
