import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// Debian's chromium ships a Vulkan that needs no GPU. The provider reads its environment when it first loads: hence a process.
const drivers = process.env.VK_ICD_FILENAMES ?? '/usr/lib/chromium/vk_swiftshader_icd.json'
const missing = drivers.split(':').some((file) => existsSync(file))
  ? ''
  : ` (skipped: ${drivers} is absent; install chromium, or name a Vulkan driver in VK_ICD_FILENAMES)`

const run = (program: string): Record<string, unknown> => {
  const output = execFileSync(process.execPath, [fileURLToPath(new URL(`webgpu/${program}`, import.meta.url))], {
    env: { ...process.env, VK_ICD_FILENAMES: drivers },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, unknown>
}

test.skipIf(missing)(`ops and gradients run on webgpu, nothing on the CPU${missing}`, { timeout: 120_000 }, () => {
  const differences = Object.entries(run('op-gradients.ts') as { [output: string]: number })
  expect(differences.length).toBeGreaterThan(50)
  expect(differences.filter(([, difference]) => !(difference < 1e-5))).toEqual([])
})

test.skipIf(missing)(`training graphs run on webgpu, nothing on the CPU${missing}`, { timeout: 120_000 }, () => {
  const said = Object.entries(run('training-graphs.ts'))
  for (const name of ['llama CAUSAL_LM', 'gpt2 CAUSAL_LM', 'bert SEQ_CLS', 'bert TOKEN_CLS', 't5 SEQ_2_SEQ_LM'])
    expect(said.map(([what]) => what)).toContain(`${name} lora`)
  expect(said.filter(([, refusal]) => refusal !== '')).toEqual([])
})
