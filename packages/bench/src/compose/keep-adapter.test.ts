import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test.runIf(process.platform === 'linux')('an adapter that a full disk cut is not kept: the next run would read it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-keep-'))
  try {
    const file = join(folder, 'one.safetensors')
    const source = `import { keepAdapter } from ${JSON.stringify(join(import.meta.dirname, 'train-adapter.ts'))}
      process.on('SIGXFSZ', () => {})
      try { keepAdapter(${JSON.stringify(file)}, new Uint8Array(1e6)) } catch ({ code }) { console.log(code) }`
    const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 100; exec "$0" --input-type=module -e "$1"', process.execPath, source], { encoding: 'utf8' })
    expect(stdout).toBe('EFBIG\n')
    expect(existsSync(file)).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
