import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSafetensors, toTensor, writeSafetensors } from '@weft/adapters'
import { afterAll, expect, test } from 'vitest'
import { verifyPeft } from './index.ts'

const golden = new URL('../../../../test/golden/peft', import.meta.url).pathname
const copies: string[] = []
const copyOf = async (...cases: string[]): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'weft-verify-'))
  copies.push(dir)
  for (const name of cases) await cp(join(golden, 'llama', name), join(dir, 'llama', name), { recursive: true })
  return dir
}
afterAll(async () => {
  for (const dir of copies) await rm(dir, { recursive: true })
})

test('every folder beside the bases is a case', async () => {
  const folders = (await readdir(golden)).map(async (arch) =>
    (await readdir(join(golden, arch))).filter((name) => !name.startsWith('base-')).map((name) => `${arch}/${name}`),
  )
  expect((await verifyPeft(golden, { plugins: [] })).map((row) => row.case)).toEqual((await Promise.all(folders)).flat().sort())
})

test('the golden cases are equal to PEFT’s numbers', async () => {
  const rows = await verifyPeft(golden)
  const generates = (name: string) => /\.(causal_lm|seq_2_seq_lm)$/.test(name)
  expect(rows.filter((row) => !row.ok || (generates(row.case) && !row.greedy))).toEqual([])
}, 300_000)

test('a wrong number is found and named', async () => {
  const dir = await copyOf('base-causal_lm', 'prompt-tuning.causal_lm')
  const file = join(dir, 'llama/prompt-tuning.causal_lm/init.safetensors')
  const tensors = Object.entries(readSafetensors(await readFile(file)).tensors).map(([name, stored]) => [name, toTensor(stored)] as const)
  tensors[0][1].data[3] += 0.5
  await writeFile(file, writeSafetensors(Object.fromEntries(tensors)))
  const [row] = await verifyPeft(dir)
  expect(row).toMatchObject({ ok: false, reason: expect.stringMatching(/logits is off by .*gradient is off by/) })
})

test('what cannot be computed is reported as such, and can be left out', async () => {
  const dir = await copyOf('prompt-tuning.causal_lm', 'prefix-tuning.causal_lm')
  const file = join(dir, 'llama/prefix-tuning.causal_lm/adapter_config.json')
  await writeFile(file, (await readFile(file, 'utf8')).replace('PREFIX_TUNING', 'NO_SUCH_TUNING'))
  const [prefix, prompt] = await verifyPeft(dir)
  expect(prefix).toMatchObject({ ok: false, unsupported: true, reason: expect.stringContaining('NO_SUCH_TUNING') })
  expect(prompt).toMatchObject({ ok: false, unsupported: true, reason: expect.stringContaining('base-causal_lm') })
  expect(await verifyPeft(dir, { only: /prompt/ })).toHaveLength(1)
  expect(await verifyPeft(dir, { models: join(golden, 'llama'), only: /prompt/ })).toMatchObject([{ ok: true }])
})
