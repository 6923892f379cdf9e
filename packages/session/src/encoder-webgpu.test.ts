import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Device } from '@weft/ort'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { expect, test } from 'vitest'
import { openSession } from './index.ts'

const vulkan = existsSync(process.env.VK_ICD_FILENAMES ?? '')
const rows = ['anna lives in london', 'the boat and the sailor', 'bert lives in paris', 'call the sailor'].map((text, i) => ({
  text,
  label: i % 2 ? 'work' : 'people',
}))

test.skipIf(!vulkan).each([
  ['bert', {}],
  ['roberta', { model_type: 'roberta', pad_token_id: 1 }],
])(
  `on WebGPU a %s trains and labels as on the CPU${vulkan ? '' : ' (skipped: VK_ICD_FILENAMES names no driver)'}`,
  async (_, config) => {
    const folder = writeTinyBert(config)
    const on = async (device: Device) => {
      await using session = await openSession(folder, { device, threads: 1 })
      const recipe = { task: 'SEQ_CLS', rows, heldOut: rows, hyperparameters: { maxSteps: 1, batchSize: 4, learningRate: 0.01 } } as const
      const {
        metrics: { loss },
      } = await session.train('kind', { method: 'prompt-tuning', ...recipe })
      const verdicts = await session.classify(
        'kind',
        rows.map(({ text }) => text),
      )
      const [vector] = await session.embed('base + "the boat"', ['anna'])
      return [loss, ...verdicts.map(({ scores }) => scores.work), ...vector]
    }
    try {
      const [cpu, webgpu] = [await on('cpu'), await on('webgpu')]
      cpu.forEach((value, i) => expect(webgpu[i]).toBeCloseTo(value, 3))
    } finally {
      await rm(folder, { recursive: true })
    }
  },
  300_000,
)
