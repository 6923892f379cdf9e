import * as z from 'zod/mini'
import { nestedTooDeep } from '../errors.ts'
import { digestSchema } from '../file/manifest.ts'
import { adapterNameSchema, aliasSchema } from '../schema/names.ts'
import { parseValue } from '../schema/parse.ts'
import { type Expression, outputOperators } from './expression.ts'
import { limits } from './limits.ts'

const offset = z.optional(z.int())
const terms = z.lazy(() => z.array(expressionSchema).check(z.minLength(1), z.maxLength(limits.terms)))

const oneOfThem = 'only one of "version", "alias" and "digest" can say which version is meant'

/** The JSON form of an expression: the tree itself. */
export const expressionSchema: z.ZodMiniType<Expression> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('adapter'),
        name: adapterNameSchema,
        version: z.optional(z.int().check(z.gte(1))),
        alias: z.optional(aliasSchema),
        digest: z.optional(digestSchema),
        offset,
      })
      .check(z.refine(({ version, alias, digest }) => [version, alias, digest].filter((pinned) => pinned !== undefined).length < 2, oneOfThem)),
    z.strictObject({ kind: z.literal('text'), text: z.string(), offset }),
    z.strictObject({ kind: z.literal('scale'), weight: z.number(), of: expressionSchema, offset }),
    z.strictObject({ kind: z.literal('sum'), terms, offset }),
    z.strictObject({ kind: z.literal('mix'), terms, offset }),
    z.strictObject({ kind: z.enum(outputOperators), terms, offset }),
    z.strictObject({ kind: z.literal('auto'), terms, offset }),
  ]),
) as z.ZodMiniType<Expression>

/** An expression from its JSON form. Errors 400 `invalid_request`, `nested_too_deep`. */
export function fromJson(json: unknown): Expression {
  checkDepth(json, 0)
  return parseValue(expressionSchema, json)
}

/** The JSON form, without offsets. */
export function toJson(expression: Expression): Expression {
  const { offset: _, ...rest } = expression
  if (rest.kind === 'scale') return { ...rest, of: toJson(rest.of) }
  return 'terms' in rest ? { ...rest, terms: rest.terms.map(toJson) } : rest
}

// Checked before the schema, which recurses and would otherwise overflow the stack.
function checkDepth(json: unknown, depth: number): void {
  if (json === null || typeof json !== 'object') return
  if (depth > 2 * limits.depth) throw nestedTooDeep(limits.depth)
  for (const value of Object.values(json)) checkDepth(value, depth + 1)
}
