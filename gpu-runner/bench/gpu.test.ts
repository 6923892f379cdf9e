import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('gpu.ts', import.meta.url))

test('the dry run on a CPU does every part and names what it skips', { timeout: 180_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--device', 'cpu', '--short'], { maxBuffer: 1 << 24 })
  const rows = stdout
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))
  const of = (part: string) => rows.filter(([, section]) => section === part)
  expect(of('golden cases').map(([, , what, figures]) => `${what} ${figures.split(',')[0]}`)).toEqual([
    'float32 equal 3 of 3',
    'float16 equal 3 of 3',
    'bfloat16 skipped the cpu does not compute in it',
  ])
  expect(of('kill and resume')[0][3]).toContain('same bytes yes')
  expect(of('decoding').filter(([, , what]) => what.includes('rows')).length).toBe(2 * 2 * 3)
  expect(of('training').filter(([, , , figures]) => figures.includes('step ms')).length).toBeGreaterThanOrEqual(6)
  expect(rows.filter(([, , , figures]) => figures.includes('failed'))).toEqual([])
})

test('what is none, or would not be read, is refused before anything is measured', { timeout: 60_000 }, async () => {
  const refused = (options: string) => promisify(execFile)(process.execPath, [script, ...options.split(' ')]).catch(({ code, stderr }) => `${code} ${stderr}`)
  expect(await refused('--device gpu')).toContain('2 --device is "gpu"')
  expect(await refused('--seconds soon')).toContain('2 --seconds is "soon"')
  expect(await refused('--parts golden --shapes 8B')).toContain('2 --shapes says nothing beside --parts golden')
})
