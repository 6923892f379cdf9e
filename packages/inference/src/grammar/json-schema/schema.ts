import { exactWhole } from '@weft/adapters'
import { unsupportedSchema } from '../../errors.ts'
import type { Term } from '../automaton/terms.ts'
import type { JsonText } from '../json-text.ts'
import { arrayTerm } from './array.ts'
import { constraintsOf, isHonoured, isObject, keywordsOf, pointer, type SchemaObject, type TypeName } from './keywords.ts'
import { merged } from './merge.ts'
import { integerTerm, numberTerm } from './numbers/numeric.ts'
import { objectTerm } from './object.ts'
import { stringTerm } from './string.ts'
import { refused, type Unenforced } from './unenforced.ts'

const TYPES = Object.keys(keywordsOf) as TypeName[]
const DEEPEST = 200

/**
 * The documents of a JSON schema (drafts 7 to 2020-12). Every document that comes of it is valid, where `oneOf` has alternatives that exclude
 * each other; not every valid one does: properties come in the schema's order.
 */
export class SchemaDocuments {
  readonly #json: JsonText
  readonly #root: unknown
  readonly #unenforced: Unenforced
  readonly #references = new Map<string, Term>()
  #anything: Term | undefined
  #depth = 0

  constructor(json: JsonText, root: unknown, unenforced = refused) {
    this.#json = json
    this.#root = root
    this.#unenforced = unenforced
  }

  /** @throws WeftError `unsupported_schema` with the path of what is not honoured */
  get documents(): Term {
    return this.#reference('#', '#')
  }

  readonly #compile = (schema: unknown, path: string): Term => {
    if (this.#depth > DEEPEST) throw unsupportedSchema(path, 'the schema is nested too deep')
    this.#depth++
    const term = this.#of(schema, path)
    this.#depth--
    return term
  }

  #of(schema: unknown, path: string): Term {
    const { terms } = this.#json
    if (schema === true) return this.#anyValue()
    if (schema === false) return terms.nothing
    if (!isObject(schema)) throw unsupportedSchema(path, 'expected a schema: an object, true or false')
    terms.spend(Object.keys(schema).length)
    const said = this.#honoured(schema, path)
    // OpenAPI's, where it was not refused.
    if (schema.nullable === true) return terms.choice([this.#of(said, path), this.#json.null])
    const { $ref, allOf, anyOf, oneOf, ...rest } = said
    const alone = Object.keys(rest).length === 0
    if ($ref !== undefined) {
      if (typeof $ref !== 'string') throw unsupportedSchema(pointer(path, '$ref'), 'expected a reference')
      if (alone && allOf === undefined && anyOf === undefined && oneOf === undefined) return this.#reference($ref, pointer(path, '$ref'))
      const { $ref: _, ...others } = said
      return this.#compile(this.#merged(this.#target($ref, pointer(path, '$ref')), others, path), path)
    }
    if (allOf !== undefined) {
      const parts = this.#list(allOf, pointer(path, 'allOf'))
      const { allOf: _, ...others } = said
      if (parts.length === 1 && Object.keys(others).length === 0) return this.#compile(parts[0], pointer(path, 'allOf', 0))
      return this.#compile(
        parts.reduce<SchemaObject>((sum, part, i) => this.#merged(sum, this.#resolved(part, pointer(path, 'allOf', i)), pointer(path, 'allOf', i)), others),
        path,
      )
    }
    for (const [name, options] of Object.entries({ anyOf, oneOf })) {
      if (options === undefined) continue
      const { [name]: _, ...others } = said
      const beside = Object.keys(others).length > 0
      return terms.choice(
        this.#list(options, pointer(path, name)).map((option, i) => {
          const at = pointer(path, name, i)
          return this.#compile(beside ? this.#merged(others, this.#resolved(option, at), at) : option, at)
        }),
      )
    }
    if (rest.enum !== undefined || Object.hasOwn(rest, 'const')) return this.#values(rest, path)
    return this.#typed(rest, path)
  }

  /** What a schema says, so that what stands beside a part of it may be read without that part: without `oneOf`, its discriminator would be no annotation. */
  #honoured(schema: SchemaObject, path: string): SchemaObject {
    const said = constraintsOf(schema)
    const unknown = said.find(([name]) => !isHonoured(name))
    if (unknown) this.#unenforced(unsupportedSchema(pointer(path, unknown[0]), 'this keyword is not supported'))
    return Object.fromEntries(said.filter(([name]) => isHonoured(name)))
  }

  /** One schema that says what both say. */
  #merged(a: SchemaObject, b: SchemaObject, path: string): SchemaObject {
    return merged(this.#json.terms, a, b, { path, unenforced: this.#unenforced })
  }

  #typed(schema: SchemaObject, path: string): Term {
    const named = schema.type === undefined ? undefined : ([schema.type].flat() as TypeName[])
    const wrong = named?.find((type) => !TYPES.includes(type))
    if (wrong !== undefined) throw unsupportedSchema(pointer(path, 'type'), `${JSON.stringify(wrong)} is not among ${TYPES.join(', ')}`)
    // Without a type, what the keywords are about.
    const meant = TYPES.filter((type) => type !== 'integer' && keywordsOf[type].some((name) => Object.hasOwn(schema, name)))
    const types = named ?? meant
    if (types.length === 0) return this.#anyValue()
    return this.#json.terms.choice(types.map((type) => this.#ofType(type, schema, path)))
  }

  #ofType(type: TypeName, schema: SchemaObject, path: string): Term {
    const json = this.#json
    switch (type) {
      case 'object':
        return objectTerm(json, schema, path, this.#compile)
      case 'array':
        return arrayTerm(json, schema, path, { compile: this.#compile, unenforced: this.#unenforced })
      case 'string':
        return stringTerm(json, schema, path, this.#unenforced)
      case 'number':
        return numberTerm(json, schema, path, this.#unenforced)
      case 'integer':
        return integerTerm(json, schema, path, this.#unenforced)
      default:
        return json[type]
    }
  }

  #values(schema: SchemaObject, path: string): Term {
    const beside = Object.keys(schema).find((name) => !['enum', 'const', 'type'].includes(name))
    if (beside !== undefined)
      this.#unenforced(unsupportedSchema(pointer(path, beside), 'it stands beside an enum or a const: leave out the values that it excludes'))
    if (schema.enum !== undefined && !Array.isArray(schema.enum)) throw unsupportedSchema(pointer(path, 'enum'), 'expected a list of values')
    const only = JSON.stringify(schema.const)
    const values = (schema.enum as unknown[] | undefined) ?? [schema.const]
    const types = schema.type === undefined ? TYPES : [schema.type].flat()
    this.#json.terms.spend(values.length)
    const valid = values.filter(
      (value) => (!Object.hasOwn(schema, 'const') || JSON.stringify(value) === only) && typesOf(value).some((type) => types.includes(type)),
    )
    return this.#json.terms.choice(valid.map((value) => this.#json.literal(value)))
  }

  /** A rule for each place that is referred to, so that a schema may hold itself. */
  #reference(reference: string, path: string): Term {
    const known = this.#references.get(reference)
    if (known) return known
    const { term, rule } = this.#json.terms.rule(reference)
    this.#references.set(reference, term)
    rule.body = this.#compile(this.#at(reference, path), reference)
    return term
  }

  #at(reference: string, path: string): unknown {
    if (reference !== '#' && !reference.startsWith('#/')) {
      this.#unenforced(unsupportedSchema(path, `"${reference}" is not within this schema: expected "#/…"`))
      return true
    }
    let found = this.#root
    for (const step of reference.split('/').slice(1)) {
      const name = decoded(step)?.replaceAll('~1', '/').replaceAll('~0', '~')
      if (name === undefined) throw unsupportedSchema(path, `"${reference}" is no reference: a % stands for itself as %25`)
      if (found === null || typeof found !== 'object' || !Object.hasOwn(found, name)) throw unsupportedSchema(path, `there is nothing at "${reference}"`)
      found = (found as Record<string, unknown>)[name]
    }
    return found
  }

  #target(reference: string, path: string): SchemaObject {
    return this.#resolved(this.#at(reference, path), path)
  }

  /** A schema to be merged with others: what it refers to, in place of the reference. */
  #resolved(schema: unknown, path: string): SchemaObject {
    let found = schema
    for (let hops = 0; hops <= DEEPEST; hops++) {
      if (found === true) return {}
      if (!isObject(found)) throw unsupportedSchema(path, 'expected a schema that is an object')
      if (typeof found.$ref !== 'string' || constraintsOf(found).length > 1) return found
      found = this.#at(found.$ref, path)
    }
    throw unsupportedSchema(path, 'the references lead in a circle')
  }

  #list(value: unknown, path: string): unknown[] {
    if (!Array.isArray(value) || value.length === 0) throw unsupportedSchema(path, 'expected a list of schemas')
    return value
  }

  #anyValue(): Term {
    if (this.#anything) return this.#anything
    const json = this.#json
    const { term, rule } = json.terms.rule('any value')
    this.#anything = term
    rule.body = json.terms.choice([
      objectTerm(json, {}, '', () => term),
      arrayTerm(json, {}, '', { compile: () => term, unenforced: refused }),
      json.string,
      json.number,
      json.boolean,
      json.null,
    ])
    return term
  }
}

const decoded = (step: string): string | undefined => {
  try {
    return decodeURIComponent(step)
  } catch {
    return undefined
  }
}

/** What a value is of; a whole number of two. */
export const typesOf = (value: unknown): TypeName[] => {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  if (exactWhole(value) !== undefined) return ['integer', 'number']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number']
  return [typeof value as TypeName]
}
