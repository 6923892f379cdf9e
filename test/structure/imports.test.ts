import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { sources as everySource, imports, packageFolders } from './sources.ts'

/** Who may import whom of ours, lower layers first. Scripts outside `src` answer to it too; tests do not. */
const everything = ['adapters', 'autodiff', 'graph', 'inference', 'methods', 'model', 'onnx', 'ort', 'plugins', 'protocol', 'session', 'training']
const allowed: Record<string, readonly string[]> = {
  'packages/graph': [],
  'packages/autodiff': ['graph'],
  'packages/onnx': ['graph'],
  'packages/ort': [],
  'packages/adapters': ['graph'],
  'packages/methods': ['graph', 'adapters'],
  'packages/protocol': ['adapters', 'methods'],
  'packages/model': ['graph', 'adapters'],
  'packages/inference': ['graph', 'onnx', 'ort', 'adapters', 'protocol', 'model'],
  'packages/training': ['graph', 'autodiff', 'onnx', 'ort', 'adapters', 'methods', 'protocol', 'model', 'inference', 'corpora'],
  'packages/session': ['ort', 'adapters', 'methods', 'protocol', 'model', 'inference', 'training', 'plugins'],
  'packages/bench': [...everything, 'corpora'],
  'packages/corpora': [],
  'packages/base-model': [...everything, 'corpora'],
  'packages/smollm2-adapters': ['adapters', 'corpora', 'methods', 'session'],
  'packages/edge': ['adapters', 'methods', 'protocol', 'plugins'],
  'packages/node-edge': ['adapters', 'protocol', 'edge'],
  'packages/client': ['adapters', 'methods', 'protocol'],
  'packages/langchain': ['client'],
  'packages/ai-sdk': ['client'],
  'packages/console': ['adapters', 'client', 'methods', 'plugins', 'protocol'],
  'packages/cli': [...everything, 'client', 'console', 'corpora', 'gpu-runner', 'base-model', 'bench', 'node-edge', 'smollm2-adapters'],
  // Of the project that it makes.
  'packages/create-weft': ['methods', 'plugins', 'protocol', 'session'],
  plugins: ['graph', 'adapters', 'methods'],
  'gpu-runner': ['ort', 'adapters', 'methods', 'protocol', 'model', 'inference', 'training'],
  // The server measures nothing; a script beside it does.
  'gpu-runner/bench': ['bench', 'ort'],
}

const sources = everySource
  .filter(({ file, folder }) => folder in allowed && !file.includes('.test.') && !file.endsWith('vitest.config.ts'))
  .map((source) => (source.file.startsWith('gpu-runner/bench/') ? { ...source, folder: 'gpu-runner/bench' } : source))

test('every workspace package is in the table', () => {
  expect(packageFolders.filter((folder) => folder !== 'test')).toEqual(
    Object.keys(allowed)
      .filter((folder) => folder !== 'gpu-runner/bench')
      .sort(),
  )
})

test('packages import only what the table lets them', () => {
  const wrong = sources.flatMap(({ folder, file, text }) => {
    const self = folder.replace('packages/', '')
    return imports(text)
      .filter((name) => name.startsWith('@weft/'))
      .map((name) => name.split('/')[1]!)
      .filter((name) => name !== self && !allowed[folder]!.includes(name))
      .map((name) => `${file} imports @weft/${name}`)
  })
  expect(wrong).toEqual([])
})

test('a relative import never leaves its package', () => {
  const wrong = sources.flatMap(({ folder, file, text }) =>
    imports(text)
      .filter((name) => name.startsWith('.'))
      .map((name) => join(dirname(file), name))
      .filter((target) => !target.startsWith(`${folder}/`))
      .map((target) => `${file} reaches ${target}`),
  )
  expect(wrong).toEqual([])
})

test('only packages/ort touches native code', () => {
  const native = sources.filter(({ folder, text }) => folder !== 'packages/ort' && imports(text).some((name) => /^(koffi|onnxruntime-)/.test(name)))
  expect(native.map(({ file }) => file)).toEqual([])
})

test('what runs in a Worker uses no Node module', () => {
  const worker = [
    'packages/graph',
    'packages/adapters',
    'packages/methods',
    'packages/protocol',
    'packages/edge',
    'packages/client',
    'packages/langchain',
    'packages/ai-sdk',
    'plugins',
  ]
  const wrong = sources
    .filter(({ folder, file }) => worker.includes(folder) && !/\.config\.ts$/.test(file))
    .filter(({ text }) => imports(text).some((name) => name.startsWith('node:')))
  expect(wrong.map(({ file }) => file)).toEqual([])
})

test('composition roots alone know the container', () => {
  const users = sources.filter(({ text }) => imports(text).includes('inversify')).map(({ file }) => file)
  expect(users.every((file) => /composition-root|tokens/.test(file))).toBe(true)
})
