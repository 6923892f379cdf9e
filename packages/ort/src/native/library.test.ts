import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openRuntime } from '../index.ts'
import { libC } from './libc.ts'
import { findLibrary } from './library.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-ort-'))
afterAll(() => rmSync(folder, { recursive: true }))

// First: what is loaded once stays.
test('one that can be loaded is so after memory was mapped, and after one that can not', () => {
  libC()
  const text = join(folder, 'none.so')
  writeFileSync(text, 'not a library')
  expect(() => openRuntime({ library: text })).toThrow(expect.objectContaining({ code: 'library_unusable' }))
  using ort = openRuntime()
  expect(ort.library).toBe(findLibrary(''))
})

test('the library of onnxruntime-node is found for this platform', () => {
  using ort = openRuntime()
  expect(ort.version).toMatch(/^1\.\d+\.\d+/)
  expect(ort.library).toBe(findLibrary(''))
  expect(ort.library).toContain(join(process.platform, process.arch))
})

test('another one is taken by path, and one that is not there is named', () => {
  using ort = openRuntime({ library: findLibrary('') })
  expect(ort.live).toEqual({ runtime: 1 })
  expect(() => openRuntime({ library: join(folder, 'absent.so') })).toThrow(
    expect.objectContaining({ code: 'library_not_found', message: expect.stringContaining('absent.so') }),
  )
  process.env.WEFT_ORT_LIBRARY = join(folder, 'elsewhere.so')
  try {
    expect(() => openRuntime()).toThrow('elsewhere.so')
  } finally {
    delete process.env.WEFT_ORT_LIBRARY
  }
})

test('a file that is no library, and a library that is no ONNX Runtime, are told apart from it', () => {
  const text = join(folder, 'text.so')
  writeFileSync(text, 'not a library')
  expect(() => openRuntime({ library: text })).toThrow(expect.objectContaining({ code: 'library_unusable', message: expect.stringContaining(text) }))
})

const compiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0
test.skipIf(!compiler)(`a library older than the table that is needed says its version${compiler ? '' : ' (skipped: needs a C compiler)'}`, () => {
  const [source, library] = [join(folder, 'old.c'), join(folder, 'old.so')]
  writeFileSync(
    source,
    `
    static const void *get_api(unsigned version) { return 0; }
    static const char *get_version(void) { return "1.9.1"; }
    static const void *base[2] = { get_api, get_version };
    const void *OrtGetApiBase(void) { return base; }`,
  )
  expect(spawnSync('cc', ['-shared', '-fPIC', '-w', '-o', library, source]).status).toBe(0)
  expect(() => openRuntime({ library })).toThrow(expect.objectContaining({ code: 'library_too_old', message: expect.stringContaining('1.9.1') }))
})
