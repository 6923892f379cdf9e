import { chatCompletionRequestSchema, createJobSchema } from '@weft/protocol'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { withoutNulls } from './without-nulls.ts'

test('a field that may be absent is left out where it is null, also of an item and of a member of a union', () => {
  const one = z.object({ kind: z.literal('one'), maxLength: z.optional(z.int()), text: z.nullable(z.string()) })
  const other = z.object({ kind: z.literal('other'), name: z.optional(z.string()) })
  const schema = z.object({ parts: z.array(z.union([one, other])), inner: z.optional(one), must: z.string() })
  const given = {
    parts: [
      { kind: 'one', max_length: null, text: null },
      { kind: 'other', name: null },
    ],
    inner: null,
    must: null,
    strange: null,
  }
  expect(withoutNulls([schema], given)).toEqual({ parts: [{ kind: 'one', text: null }, { kind: 'other' }], must: null, strange: null })
})

test('where null means something to one member of a union, it stays', () => {
  const schema = z.union([z.object({ after: z.optional(z.string()) }), z.object({ after: z.optional(z.nullable(z.string())) })])
  expect(withoutNulls([schema], { after: null })).toEqual({ after: null })
})

test('what a caller fills is as it was written', () => {
  const schema = { type: 'object', properties: { a: { enum: [null, 1], default: null } } }
  const chat = {
    model: 'base',
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
    messages: [{ role: 'assistant', content: null }],
  }
  expect(withoutNulls([chatCompletionRequestSchema], chat)).toEqual(chat)
  expect(withoutNulls([createJobSchema], { metadata: { team: null }, locality: { weight: null, file: null } })).toMatchObject({ metadata: { team: null } })
})

test('what a schema says of items is asked once, however many there are', () => {
  let asked = 0
  const item = z.object({ name: z.optional(z.string()), parts: z.array(z.object({ text: z.optional(z.string()) })) })
  const counted = z.lazy(() => {
    asked++
    return item
  })
  const schema = z.object({ items: z.array(counted) })
  const asksFor = (count: number): number => {
    asked = 0
    const items = Array.from({ length: count }, () => ({ name: null, parts: [{ text: null }] }))
    expect(withoutNulls([schema], { items })).toEqual({ items: items.map(() => ({ parts: [{}] })) })
    return asked
  }
  expect(asksFor(1)).toBeGreaterThan(0)
  expect(asksFor(1000)).toBe(asksFor(1))
})
