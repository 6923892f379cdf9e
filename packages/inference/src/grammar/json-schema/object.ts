import { unsupportedSchema } from '../../errors.ts'
import type { Term } from '../automaton/terms.ts'
import { anyCharacter } from '../characters.ts'
import type { JsonText } from '../json-text.ts'
import { without } from '../ranges.ts'
import { isObject, pointer, type SchemaObject } from './keywords.ts'

/**
 * Objects with the declared properties in their order, each at most once. Others follow them where `additionalProperties` says so, or where
 * nothing is declared: an object that declares properties and says nothing of others has none.
 */
export function objectTerm(json: JsonText, schema: SchemaObject, path: string, compile: (schema: unknown, path: string) => Term): Term {
  const { terms } = json
  const { properties = {}, required = [] } = schema
  if (!isObject(properties)) throw unsupportedSchema(pointer(path, 'properties'), 'expected an object of schemas')
  if (!Array.isArray(required) || required.some((name) => typeof name !== 'string'))
    throw unsupportedSchema(pointer(path, 'required'), 'expected a list of names')
  const always = new Set(required as string[])
  terms.spend(Object.keys(properties).length + required.length)
  const additional = schema.additionalProperties ?? schema.properties === undefined
  const declared: [string, Term][] = Object.entries(properties).map(([name, value]) => [name, compile(value, pointer(path, 'properties', name))])
  const others = additional === false ? terms.nothing : compile(additional, pointer(path, 'additionalProperties'))
  for (const name of always) {
    if (Object.hasOwn(properties, name)) continue
    if (others.kind === 'nothing' && schema.additionalProperties !== undefined)
      throw unsupportedSchema(pointer(path, 'required'), `"${name}" is required and not among the properties`)
    declared.push([name, others.kind === 'nothing' ? compile(true, path) : others])
  }
  const names = declared.map(([name]) => name)
  const other = others.kind === 'nothing' ? others : json.member(json.quoted(otherName(json, names)), others)
  const more = terms.repeat(json.another(other))
  let first = terms.optional(terms.sequence(other, more))
  let later = more
  for (const [name, value] of declared.reverse()) {
    const member = json.member(terms.text(JSON.stringify(name)), value)
    const optional = !always.has(name)
    const [begins, follows] = [terms.sequence(member, later), terms.sequence(json.another(member), later)]
    first = optional ? terms.choice([begins, first]) : begins
    later = optional ? terms.choice([follows, later]) : follows
  }
  return json.enclosed('{', '}', first)
}

/** The content of a string that is none of these, as `JSON.stringify` writes it. */
function otherName(json: JsonText, names: readonly string[]): Term {
  const { terms } = json
  const any = json.written(anyCharacter)
  /** Of names that are the same before `at`. */
  const behind = (alike: readonly (readonly number[])[], at: number): Term => {
    if (alike.length === 0) return terms.repeat(any)
    const begin = new Map<number, (readonly number[])[]>()
    terms.spend(alike.length)
    for (const name of alike) {
      if (name.length === at) continue
      const others = begin.get(name[at])
      if (others) others.push(name)
      else begin.set(name[at], [name])
    }
    const elsewhere = json.written(
      without(
        anyCharacter,
        [...begin.keys()].map((point) => [point, point]),
      ),
    )
    const options = [
      terms.sequence(elsewhere, terms.repeat(any)),
      ...[...begin].map(([point, deeper]) => terms.sequence(json.written([[point, point]]), behind(deeper, at + 1))),
    ]
    return terms.choice(alike.some(({ length }) => length === at) ? options : [terms.empty, ...options])
  }
  return behind(
    names.map((name) => [...name].map((character) => character.codePointAt(0)!)),
    0,
  )
}
