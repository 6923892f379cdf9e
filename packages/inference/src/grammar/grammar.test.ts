import type { Grammar } from '@weft/protocol'
import { expect, test } from 'vitest'
import { DEAD } from './automaton/automaton.ts'
import { automatonOf } from './grammar.ts'

const many = (count: number, text: string) => Array.from({ length: count }, (_, i) => `${text} ${i}`)

/** Bytes of a text that may be written, all when it is a whole one. */
const written = (grammar: Grammar, text: string): number => {
  const automaton = automatonOf(grammar)
  let state = automaton.start
  const bytes = new TextEncoder().encode(text)
  for (const [at, byte] of bytes.entries()) if ((state = automaton.next(state, byte)) === DEAD) return at
  return automaton.isComplete(state) ? bytes.length : -1
}

test('large grammars are followed', () => {
  const long = 'a long text that is one of the choices '.repeat(30)
  expect(written({ type: 'choice', choice: [long, `${long}!`] }, `${long}!`)).toBe(long.length + 1)
  const names = many(1000, 'name')
  expect(written({ type: 'json_schema', schema: { enum: names } }, '"name 777"')).toBe(10)
  const properties = Object.fromEntries(names.slice(0, 150).map((name) => [name, { type: 'integer' }]))
  expect(written({ type: 'json_schema', schema: { type: 'object', properties } }, '{"name 3":1,"name 149":2}')).toBe(25)
  const functions = many(128, '').map((_, i) => ({ name: `f${i}`, parameters: { type: 'object', properties: { a: { type: 'string' } } } }))
  const call = '{"name": "f100", "arguments": {"a": "x"}}'
  expect(written({ type: 'tool_calls', functions, optional: false }, call)).toBe(call.length)
})

test.each<[string, Grammar]>([
  ['a text', { type: 'choice', choice: ['x'.repeat(200_000)] }],
  ['many texts', { type: 'choice', choice: many(1000, 'some text '.repeat(60)) }],
  ['many values', { type: 'json_schema', schema: { enum: many(100_000, 'value') } }],
])('what is too large is refused: %s', (_, grammar) => {
  expect(() => automatonOf(grammar)).toThrow(expect.objectContaining({ code: 'grammar_too_large', status: 400 }))
})

test('what asks for the same few terms without end is refused', () => {
  const grammar = (schema: unknown): Grammar => ({ type: 'json_schema', schema })
  // Each level holds the one below twice, and merges all levels below it.
  const nested = (levels: number) =>
    Array.from({ length: levels }).reduce<object>((below, _, i) => ({ allOf: [below, { properties: { [`k${i}`]: below } }] }), { type: 'object' })
  expect(automatonOf(grammar(nested(4))).size).toBeLessThan(1000)
  expect(() => automatonOf(grammar(nested(16)))).toThrow(expect.objectContaining({ code: 'grammar_too_large', status: 400 }))
  const tree = (depth: number): object => {
    const below = depth === 0 ? {} : tree(depth - 1)
    return depth === 0 ? { type: 'string' } : { type: 'object', properties: Object.fromEntries([...'abcdefgh'].map((name) => [name, below])) }
  }
  expect(automatonOf(grammar(tree(4))).size).toBeLessThan(1000)
  expect(() => automatonOf(grammar(tree(6)))).toThrow(expect.objectContaining({ code: 'grammar_too_large', status: 400 }))
})

test('a chain of references takes work in proportion to its length', () => {
  const chain = (length: number): number => {
    const links = Array.from({ length }, (_, i) => [
      `d${i}`,
      i === length - 1 ? { type: 'null' } : { type: 'array', items: { $ref: `#/$defs/d${i + 1}` }, minItems: 1 },
    ])
    return automatonOf({ type: 'json_schema', schema: { $defs: Object.fromEntries(links), $ref: '#/$defs/d0' } }).work
  }
  expect(chain(80) - chain(40)).toBeLessThan(2.2 * (chain(40) - chain(20)))
})

test('rules that refer to the same ones are followed once each, and not once for each way to them', () => {
  const levels = 60
  const rules = Array.from({ length: levels }, (_, i) => {
    const below = ['a', 'b'].map((side) => ({ $ref: `#/$defs/${side}${i + 1}` }))
    const isLast = i === levels - 1
    return [
      [`a${i}`, isLast ? { const: 'x' } : { anyOf: below }],
      [`b${i}`, isLast ? { const: 'y' } : { anyOf: [...below, { const: i }] }],
    ] as const
  })
  const schema = { $defs: Object.fromEntries(rules.flat()), $ref: '#/$defs/a0' }
  expect(written({ type: 'json_schema', schema }, '"y"')).toBe(3)
  expect(written({ type: 'json_schema', schema }, '57')).toBe(2)
})

test('steps that are each a lot of work are bounded by it, and those of the next token are counted anew', () => {
  const automaton = automatonOf({ type: 'regex', regex: '(.{0,30}a.{0,30}){0,50}' })
  const walk = (length: number): void => {
    let state = automaton.start
    automaton.allowSteps()
    for (let n = 0; n < length; n++) {
      for (let byte = 0; byte < 256; byte++) automaton.next(state, byte)
      state = automaton.next(state, 0x61)
    }
  }
  walk(10)
  // Fewer transitions than a mask may have, of more and more alternatives.
  expect(() => walk(300)).toThrow(expect.objectContaining({ code: 'grammar_too_complex' }))
  walk(10)
})

test('alternatives that come of walking are bounded too, in a moment', () => {
  const started = process.cpuUsage()
  expect(() => written({ type: 'regex', regex: 'a?'.repeat(5000) }, 'aaa')).toThrow(expect.objectContaining({ code: expect.stringMatching(/^grammar_too_/) }))
  // Of this process' own time: others may have the core meanwhile.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(10_000)
})

test.each<[string, string]>([
  ['deep', `${'('.repeat(4000)}a${')'.repeat(4000)}`],
  ['long', 'a'.repeat(10_001)],
])('a %s regular expression is refused', (_, regex) => {
  expect(() => automatonOf({ type: 'regex', regex })).toThrow(
    expect.objectContaining({ status: 400, code: expect.stringMatching(/^(unsupported_regex|grammar_too_large)$/) }),
  )
})
