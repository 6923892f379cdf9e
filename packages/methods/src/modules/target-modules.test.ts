import { expect, test } from 'vitest'
import { chosenModules } from './target-modules.ts'

const ends = ['self_attn.q_proj', 'self_attn.v_proj', 'mlp.down_proj']
const model = { modules: Object.fromEntries([0, 1].flatMap((layer) => ends.map((end) => [`model.layers.${layer}.${end}`, [8, 8] as [number, number]]))) }
const chosen = (targetModules: string | string[]) => chosenModules(model, { targetModules })

test('a list goes by the ends of names, a text is an expression of the whole name', () => {
  expect(chosen(['q_proj'])).toEqual(['model.layers.0.self_attn.q_proj', 'model.layers.1.self_attn.q_proj'])
  expect(chosen('.*q_proj')).toEqual(chosen(['q_proj']))
  expect(chosen('.*(q_proj|v_proj)')).toEqual(chosen(['q_proj', 'v_proj']))
})

test.each([
  ['q_proj', '["q_proj"]', '".*q_proj"'],
  ['q_proj,v_proj', '["q_proj","v_proj"]', '".*(q_proj|v_proj)"'],
  // What a shell leaves of a list.
  ['[q_proj, v_proj]', '["q_proj","v_proj"]', '".*(q_proj|v_proj)"'],
])('names as one text, %s, are answered with the rule and how to write them', (text, list, expression) => {
  expect(() => chosen(text)).toThrow(
    expect.objectContaining({
      code: 'target_modules_missing',
      message: `no linear layer of this model matches the target_modules "${text}", for a text is a regular expression of the whole name, and only a list goes by ends: write ${list}, or ${expression}; it has ${ends.join(', ')}`,
      details: { targets: [text], modules: ends },
    }),
  )
})

test('an expression that is none of names is answered with the rule, a list without', () => {
  expect(() => chosen('^k_.*')).toThrow(
    'the target_modules "^k_.*", for a text is a regular expression of the whole name, and only a list goes by ends; it has',
  )
  expect(() => chosen(['k_proj'])).toThrow('the target_modules "k_proj"; it has')
})
