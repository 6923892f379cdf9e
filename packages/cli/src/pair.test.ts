import { expect, test } from 'vitest'
import { interfere } from './commands/adapters/interfere.ts'
import { pair } from './pair.ts'

test('settings come together, JSON as JSON, in either spelling', () => {
  expect(pair('target_modules=["q"]', pair('initLoraWeights=gaussian', {}))).toEqual({ initLoraWeights: 'gaussian', targetModules: ['q'] })
})

test('a value of JSON that says a key twice is refused, and is no text either', () => {
  expect(() => pair('schedule={"warmup": 1, "warmup": 2}', {})).toThrow('schedule: the key "warmup" stands twice in one object')
})

test('a setting that is said twice is refused, in whichever spelling', () => {
  expect(() => pair('r=8', pair('r=4', {}))).toThrow('r is said twice; say it once.')
  expect(() => pair('n_epochs=8', pair('nEpochs=4', {}))).toThrow('n_epochs is said twice; say it once.')
})

test('so is the file of an adapter', async () => {
  const command = interfere()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  await expect(command.parseAsync(['--adapter', 'style/a=one', '--adapter', 'style/a=two'], { from: 'user' })).rejects.toThrow(
    'style/a is said twice; say it once.',
  )
})
