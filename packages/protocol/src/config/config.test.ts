import { expect, test } from 'vitest'
import { checkPublishing, gateFiles, type PublishConfig, publishRules } from './publishing.ts'
import { checkSigning, covers, type SigningConfig } from './signing.ts'

const evaluate = { file: 'file-a', metric: 'accuracy', atLeast: 0.9 } as const

test('rules for names: all that cover one count', () => {
  const rules: PublishConfig = [{ maxBytes: 10 }, { names: ['mail/', 'sms/'], evaluate }]
  expect(() => checkPublishing(rules)).not.toThrow()
  expect(publishRules(rules, 'mail/spam')).toHaveLength(2)
  expect(publishRules(rules, 'style/speech')).toEqual([{ maxBytes: 10 }])
  expect(publishRules({ maxBytes: 10 }, 'x')).toHaveLength(1)
  expect(gateFiles(rules)).toEqual(['file-a'])
})

test.each<[string, object]>([
  ['it asks for nothing', {}],
  ['names is empty', { names: [], maxBytes: 1 }],
  ['maxBytes is 0', { maxBytes: 0 }],
  ['expected the id', { evaluate: { ...evaluate, file: 'probe.jsonl' } }],
  ['evaluate.metric', { evaluate: { ...evaluate, metric: 'f1' } }],
  ['has no bound', { evaluate: { file: 'file-a', metric: 'accuracy' } }],
  ['atMost bounds a loss', { evaluate: { ...evaluate, atMost: 1 } }],
  ['atLeast bounds an accuracy', { evaluate: { ...evaluate, metric: 'loss' } }],
  ['a share, from 0 to 1', { evaluate: { ...evaluate, atLeast: 90 } }],
  ['tolerance', { evaluate: { ...evaluate, tolerance: 0.1 } }],
  ['tolerance', { evaluate: { ...evaluate, notWorseThan: 'previous', tolerance: -1 } }],
  ['there is no "interferance"', { maxBytes: 1, interferance: {} }],
  ['there is no "evaluate.atleast"', { evaluate: { ...evaluate, atleast: 1 } }],
  ['there is no "interference.best"', { interference: { best: 'keeps' } }],
  ['expected one of keeps, uncertain', { interference: { worst: 'uncertian' } }],
  ['rows is 1.5', { evaluate: { ...evaluate, rows: 1.5 } }],
])('a gate where %s is refused', (message, rule) => {
  expect(() => checkPublishing(rule as PublishConfig)).toThrow(
    expect.objectContaining({ code: 'publish_config_invalid', message: expect.stringContaining(message) }),
  )
})

const id = `ed25519:${'A'.repeat(43)}`

test.each<[string, SigningConfig]>([
  ['no public key', { keys: [{ id: 'ed25519:x' }] }],
  ['there twice', { keys: [{ id }, { id }] }],
  ['no date', { keys: [{ id, expires: 'soon' }] }],
  ['no date', { keys: [{ id, expires: '2027-02-30' }] }],
  ['no date', { keys: [{ id, expires: '12/12/30' }] }],
  ['names nothing', { publish: [] }],
])('signing where there is %s is refused', (message, signing) => {
  expect(() => checkSigning(signing)).toThrow(expect.objectContaining({ code: 'signing_config_invalid', message: expect.stringContaining(message) }))
})

test('which names are covered', () => {
  expect([true, ['mail/'], ['style/'], undefined].map((cover) => covers(cover as Parameters<typeof covers>[0], 'mail/spam'))).toEqual([
    true,
    true,
    false,
    false,
  ])
})
