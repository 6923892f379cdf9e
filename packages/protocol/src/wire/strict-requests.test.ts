import { expect, test } from 'vitest'
import type { $ZodType } from 'zod/v4/core'
import { embedRequestSchema } from './inference/embeddings.ts'
import { generateRequestSchema, runnerClassifyRequestSchema, scoreRequestSchema } from './runner.ts'
import { trainingSpecSchema } from './training/training-spec.ts'

interface Definition {
  type: string
  shape?: Record<string, $ZodType>
  catchall?: $ZodType
  [inner: string]: unknown
}

/** Where a schema takes fields that it does not know, and leaves them out. */
function leavesOut(schema: $ZodType, path: string, seen = new Set<$ZodType>()): string[] {
  if (seen.has(schema)) return []
  seen.add(schema)
  const definition = schema._zod.def as unknown as Definition
  const here = definition.shape && definition.catchall === undefined ? [path] : []
  const named = Object.entries(definition.shape ?? {}).flatMap(([name, field]) => leavesOut(field, `${path}.${name}`, seen))
  const inner = [definition.innerType, definition.element, definition.valueType, definition.in, definition.out, definition.left, definition.right]
  const options = (definition.options as $ZodType[] | undefined) ?? []
  const within = [...inner, ...options].filter((part) => part !== undefined).flatMap((part) => leavesOut(part as $ZodType, path, seen))
  return [...here, ...named, ...within]
}

test('a runner refuses what it does not know of a newer edge, wherever it stands', () => {
  const requests = {
    generate: generateRequestSchema,
    classify: runnerClassifyRequestSchema,
    score: scoreRequestSchema,
    embed: embedRequestSchema,
    spec: trainingSpecSchema,
  }
  expect(Object.entries(requests).flatMap(([name, schema]) => leavesOut(schema, name))).toEqual([])
})
