import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { main } from '@weft/cli/main'
import { expect, test, vi } from 'vitest'
import { temporaryFolder, writeTinyCheckpoint } from '../cases/tiny-checkpoint.ts'

test.each<[string, () => string[], (string | RegExp)[]]>([
  [
    'a base of an architecture that is not there',
    () => ['--model', writeTinyCheckpoint('none', { config: { model_type: 'mamba' } })],
    ['"mamba"', 'llama', 't5'],
  ],
  [
    'a base that lacks a shard',
    () => {
      const folder = writeTinyCheckpoint('gpt2', { shards: 2 })
      rmSync(join(folder, 'model-2-of-2.safetensors'))
      return ['--model', folder]
    },
    ['model-2-of-2.safetensors'],
  ],
  ['another base', () => ['--model', writeTinyCheckpoint('llama')], ['"c_attn"', 'q_proj']],
  [
    'labels for another head',
    () => ['--model', join(import.meta.dirname, '../golden/peft/gpt2/base-causal_lm'), '--labels', 'ham', 'spam'],
    ['ham, spam', 'CAUSAL_LM', 'no head'],
  ],
])('weft import onto %s', async (_, options, said) => {
  let stderr = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  process.exitCode = 0
  await main([
    process.execPath,
    'weft',
    'import',
    join(import.meta.dirname, '../golden/peft/gpt2/lora.causal_lm'),
    '--out',
    join(temporaryFolder(), 'x.safetensors'),
    '--config',
    join(import.meta.dirname, '../../weft.config.ts'),
    ...options(),
  ])
  const code = process.exitCode
  vi.restoreAllMocks()
  process.exitCode = 0
  // Files that the line names have to be others.
  expect(code).toBe(2)
  for (const part of said) expect(stderr).toMatch(typeof part === 'string' ? new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : part)
})
