import { fieldSchemas, fieldsAt, itemSchemas, snakeCase } from '@weft/adapters'
import { type $ZodType, safeParse } from 'zod/v4/core'

/**
 * JSON without the fields that are null where they may be absent, at any depth: clients say null of what they leave to the server, and no endpoint changes a part
 * of something, where null could mean to take it away. What a schema does not describe is as it was written: metadata, and the JSON Schemas of answers.
 * @param schemas those that the value may be of
 * @param spell how a field is written where the value is from
 */
export function withoutNulls(schemas: readonly $ZodType[], value: unknown, spell: (field: string) => string = snakeCase): unknown {
  return without(new Known(schemas, spell), value)
}

function without(known: Known, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = known
    return items ? value.map((item) => without(items, item)) : value
  }
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      const own = known.fields.get(name)
      if (own === undefined) return [[name, field]]
      return field === null && own.mayBeAbsent ? [] : [[name, without(own, field)]]
    }),
  )
}

/** What schemas say of a value and what is within it. It is found out once for all items of a list, of which a body may have a hundred thousand. */
class Known {
  readonly #schemas: readonly $ZodType[]
  readonly #spell: (field: string) => string
  #items: Known | null | undefined
  #fields: ReadonlyMap<string, Known> | undefined
  #mayBeAbsent: boolean | undefined

  constructor(schemas: readonly $ZodType[], spell: (field: string) => string) {
    this.#schemas = schemas
    this.#spell = spell
  }

  /** Of a list; null where none is described. */
  get items(): Known | null {
    if (this.#items === undefined) {
      const schemas = this.#schemas.flatMap(itemSchemas)
      this.#items = schemas.length === 0 ? null : new Known(schemas, this.#spell)
    }
    return this.#items
  }

  /** By the names that the value has for them. */
  get fields(): ReadonlyMap<string, Known> {
    this.#fields ??= new Map(
      this.#schemas
        .flatMap((schema) => fieldsAt(schema))
        .map((field) => [
          this.#spell(field),
          new Known(
            this.#schemas.flatMap((schema) => fieldSchemas(schema, field)),
            this.#spell,
          ),
        ]),
    )
    return this.#fields
  }

  get mayBeAbsent(): boolean {
    this.#mayBeAbsent ??= this.#schemas.every(isOptional)
    return this.#mayBeAbsent
  }
}

/** Whether a field may be absent; where null has a meaning of its own, it is not. */
const isOptional = (field: $ZodType): boolean => safeParse(field, undefined).success && !safeParse(field, null).success
