import { Random } from '@weft/adapters'
import { createTokenizer } from '@weft/model'
import { byteLevel } from '@weft/model/testing/byte-level'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { type Automaton, DEAD } from '../automaton/automaton.ts'
import { Constraint } from '../constraint.ts'
import { automatonOf } from '../grammar.ts'
import { TokenMasks } from '../token-mask.ts'
import { tokenTries } from '../token-trie.ts'

type Json = any
const ajv = new Ajv2020({ strict: false })
const { definition, config } = byteLevel()
const tokenizer = createTokenizer(definition, config)
const V = 258

/** A schema, and what makes documents of it. */
interface Sample {
  schema: Json
  valid: () => Json
}

function samples(random: Random) {
  const below = (n: number): number => Math.floor(random.uniform() * n)
  const pick = <T>(of: readonly T[]): T => of[below(of.length)]
  const words = ['', 'a', 'naïve "quotes"', 'back\\slash', 'line\nbreak', '🙂 emoji', 'tab\tend', 'x'.repeat(40), '\u0001', '中文']
  const scalar = (): Sample =>
    pick<() => Sample>([
      () => ({ schema: { type: 'string' }, valid: () => pick(words) }),
      () => {
        const [least, most] = [below(3), 3 + below(5)]
        return {
          schema: { type: 'string', minLength: least, maxLength: most },
          valid: () =>
            'é🙂abcdefgh'
              .slice(0, 20)
              .match(/./gu)!
              .slice(0, least + below(most - least + 1))
              .join(''),
        }
      },
      () => ({ schema: { type: 'string', pattern: '^[A-Z]{2}-\\d+"?$' }, valid: () => `${pick(['AB', 'ZZ'])}-${below(1000)}${pick(['', '"'])}` }),
      () => ({ schema: { type: 'string', pattern: 'b+|\\.$' }, valid: () => pick(['abc', 'bbb', 'end.', '"b"', '\nb\\']) }),
      () => {
        const [low, high] = [below(3000) - 1500, 1500 + below(100_000)]
        return { schema: { type: 'integer', minimum: low, maximum: high }, valid: () => low + below(high - low + 1) }
      },
      () => {
        const [low, high] = [-below(200), below(200) + 1]
        return {
          schema: { type: 'number', minimum: low, exclusiveMaximum: high },
          valid: () => Number((low + random.uniform() * (high - low - 0.01)).toFixed(3)),
        }
      },
      () => ({ schema: { type: 'number' }, valid: () => pick([0, -1, 1.5, 1e-7, 1e21, 0.1 + 0.2, -123456.789, 5e-300]) }),
      () => ({ schema: { type: ['boolean', 'null'] }, valid: () => pick([true, false, null]) }),
      () => {
        const values = [1, 'two', null, [3, 'x'], { four: 4, five: [] }]
        return { schema: { enum: values }, valid: () => pick(values) }
      },
    ])()
  const any = (depth: number): Sample => (depth === 0 ? scalar() : pick([scalar, () => object(depth), () => array(depth), () => either(depth)])())
  const either = (depth: number): Sample => {
    const options = [any(depth - 1), any(depth - 1)]
    return { schema: { anyOf: options.map(({ schema }) => schema) }, valid: () => pick(options).valid() }
  }
  const array = (depth: number): Sample => {
    const [prefix, item, least] = [Array.from({ length: below(3) }, () => any(depth - 1)), any(depth - 1), below(3)]
    const most = least + below(4)
    const schema = {
      type: 'array',
      ...(prefix.length > 0 && { prefixItems: prefix.map(({ schema }) => schema) }),
      items: item.schema,
      minItems: least,
      maxItems: most,
    }
    return { schema, valid: () => Array.from({ length: least + below(most - least + 1) }, (_, i) => (prefix[i] ?? item).valid()) }
  }
  const object = (depth: number): Sample => {
    const names = ['id', 'a"b', 'name', 'na', 'x_y', 'é'].filter(() => below(2) === 0)
    const members = names.map((name) => ({ name, required: below(2) === 0, ...any(depth - 1) }))
    const others = pick([null, scalar()])
    const schema = {
      type: 'object',
      properties: Object.fromEntries(members.map(({ name, schema }) => [name, schema])),
      required: members.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: others?.schema ?? false,
    }
    return {
      schema,
      valid: () => {
        const own = members.filter(({ required }) => required || below(2) === 0).map(({ name, valid }) => [name, valid()])
        const foreign = others ? ['i', 'idx', 'nam', 'other', '"'].filter(() => below(4) === 0).map((name) => [name, others.valid()]) : []
        return Object.fromEntries([...own, ...foreign])
      },
    }
  }
  return { any, below }
}

const after = (automaton: Automaton, text: string): number => {
  let state = automaton.start
  for (const byte of new TextEncoder().encode(text)) state = automaton.next(state, byte)
  return state
}

test('every prefix of a valid document may be written, and no whole document that is not valid', () => {
  const random = new Random('schemas')
  const { any } = samples(random)
  let refused = 0
  for (let round = 0; round < 60; round++) {
    const { schema, valid } = any(3)
    const automaton = automatonOf({ type: 'json_schema', schema })
    const isValid = ajv.compile(schema)
    for (let n = 0; n < 10; n++) {
      const value = valid()
      expect(isValid(value), JSON.stringify({ schema, value })).toBe(true)
      for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
        const state = after(automaton, text)
        expect(state === DEAD ? 'dead' : automaton.isComplete(state), JSON.stringify({ schema, text })).toBe(true)
        expect(automaton.isComplete(after(automaton, `${text},`)), text).toBe(false)
      }
      const other = any(2).valid()
      if (isValid(other)) continue
      refused++
      expect(automaton.isComplete(after(automaton, JSON.stringify(other))), JSON.stringify({ schema, other })).toBe(false)
    }
  }
  expect(refused).toBeGreaterThan(200)
})

test('whatever is drawn parses and is valid, however few tokens there are beyond the fewest', async () => {
  const random = new Random('drawn')
  const { any, below } = samples(random)
  const tries = await tokenTries(tokenizer, V)
  for (let round = 0; round < 60; round++) {
    const { schema } = any(3)
    const isValid = ajv.compile(schema)
    const masks = new TokenMasks(automatonOf({ type: 'json_schema', schema }), tries.later)
    for (let n = 0; n < 5; n++) {
      const constraint = new Constraint(masks, masks, tokenizer)
      const bytes: number[] = []
      for (let left = masks.automaton.shortest[masks.automaton.start] + below(60); left > 0 && !constraint.isFinal; left--) {
        const logits = constraint.restrict(new Float32Array(V), left)
        const allowed = [...logits.keys()].filter((token) => logits[token] > -1e30)
        const token = allowed[below(allowed.length)]
        if (tokenizer.eosTokenIds.includes(token)) break
        constraint.advance(token)
        bytes.push(token)
      }
      const text = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes))
      expect(isValid(JSON.parse(text)), JSON.stringify({ schema, text })).toBe(true)
    }
  }
})
