import { expect, test } from 'vitest'
import { brought } from '../support/peft-checkpoint.ts'
import { refused } from '../support/refused.ts'

const name = 'distilbert/lora-lin.seq_cls'

test('a classifier of two modules comes in whole, whatever modules_to_save calls them', async () => {
  const { state } = await brought(name, () => undefined)
  expect(Object.keys(state.head!).sort()).toEqual(['bias', 'dense.bias', 'dense.weight', 'weight'])
  const named = await brought(name, ({ config }) => ({ config: { ...config, modules_to_save: ['pre_classifier', 'classifier'] } }))
  expect(named.state).toEqual(state)
})

test('without its first module it is refused, not served as one layer', async () => {
  const without = brought(name, ({ tensors }) => ({ tensors: Object.fromEntries(Object.entries(tensors).filter(([at]) => !at.includes('pre_classifier'))) }))
  await expect(without).rejects.toThrow(refused('tensor_missing', 'pre_classifier.weight'))
})
