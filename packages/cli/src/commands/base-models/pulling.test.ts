import { expect, test } from 'vitest'
import { progressSaid } from './pulling.ts'

test('how far a download of several files has come is said of the whole, once for each tenth', () => {
  const said: string[] = []
  const progress = progressSaid((text) => said.push(text))
  const total = 2600
  progress({ file: 'config.json', done: 0, total })
  progress({ file: 'config.json', done: 60, total })
  progress({ file: 'tokenizer.json', done: 100, total })
  progress({ file: 'model.safetensors', done: 1400, total })
  progress({ file: 'model.safetensors', done: 1500, total })
  progress({ file: 'model.safetensors', done: total, total })
  expect(said).toEqual(['0 % of 2.6 kB (config.json)', '50 % of 2.6 kB (model.safetensors)', '100 % of 2.6 kB (model.safetensors)'])
})
