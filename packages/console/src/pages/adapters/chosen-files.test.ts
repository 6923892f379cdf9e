import { expect, test } from 'vitest'
import { chosenOf } from './chosen-files.ts'

const files = (...names: string[]): File[] => names.map((name) => new File(['x'], name))

test('one file is an adapter, and PEFT has two', () => {
  expect(chosenOf(files('style.safetensors'))).toMatchObject({ adapter: { name: 'style.safetensors' } })
  expect(chosenOf(files('adapter_model.safetensors', 'adapter_config.json'))).toMatchObject({ config: { name: 'adapter_config.json' } })
})

test.each([
  [['adapter_config.json'], /goes adapter_model\.safetensors: choose both/],
  [['adapter_model.safetensors'], /goes adapter_config\.json: choose both/],
  [['adapter_config.json', 'adapter_model.bin'], /is a pickle/],
  [['a.safetensors', 'b.safetensors'], /there are 2 files: a\.safetensors, b\.safetensors/],
])('%j is told what is wrong', (names, message) => {
  expect(() => chosenOf(files(...names))).toThrow(message)
})
