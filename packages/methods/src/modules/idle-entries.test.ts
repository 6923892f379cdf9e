import { expect, test } from 'vitest'
import { refuseIdle } from './idle-entries.ts'

const ends = ['self_attn.q_proj', 'self_attn.v_proj', 'mlp.down_proj']
const model = { modules: Object.fromEntries([0, 1].flatMap((layer) => ends.map((end) => [`model.layers.${layer}.${end}`, [8, 8] as [number, number]]))) }

test.each([
  ['target_modules', { targetModules: ['q_proj', 'nope', 'neither'] }, '"nope", "neither"; it has self_attn.q_proj'],
  ['exclude_modules', { targetModules: 'all-linear', excludeModules: ['v_proj', 'nope'] }, '"nope"; it has self_attn.q_proj'],
  [
    'exclude_modules',
    { excludeModules: 'q_proj' },
    '"q_proj", for a text is a regular expression of the whole name, and only a list goes by ends: write ["q_proj"]',
  ],
  ['layers_to_transform', { targetModules: ['q_proj'], layersToTransform: [0, 7] }, '"7"; it has 0, 1'],
  ['layers_to_transform', { layersToTransform: 7 }, '"7"; it has 0, 1'],
  ['layers_pattern', { layersToTransform: [0], layersPattern: ['layers', 'blocks'] }, '"blocks"; it has model.layers.0.self_attn.q_proj'],
])('what %s names and the model has not is refused beside what it has', (param, choice, said) => {
  expect(() => refuseIdle(model, choice)).toThrow(
    expect.objectContaining({ code: 'target_modules_missing', status: 422, param, message: expect.stringContaining(`the ${param} ${said}`) }),
  )
})

test('a choice all of which is there passes', () => {
  for (const choice of [
    {},
    { targetModules: null, excludeModules: null, layersToTransform: null, layersPattern: null },
    { targetModules: 'all-linear', excludeModules: '.*down_proj' },
    { targetModules: ['q_proj', 'model.layers.1.mlp.down_proj'], excludeModules: ['mlp.down_proj'], layersToTransform: [0, 1], layersPattern: 'layers' },
    { layersToTransform: [], layersPattern: '' },
  ])
    expect(() => refuseIdle(model, choice)).not.toThrow()
})
