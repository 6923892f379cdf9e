import { expect, test } from 'vitest'
import { lex } from '../language/lexer.ts'
import { parse } from '../language/parse.ts'
import { print } from '../language/print.ts'
import { Random } from '../random.ts'
import { adapterNameSchema, newNameSchema } from './names.ts'

/** Whether an expression that is this text alone names what is called so. */
const isNamed = (text: string): boolean => {
  try {
    const [token, end] = lex(text)
    return token?.kind === 'name' && token.name === text && end?.kind === 'end'
  } catch {
    return false
  }
}
const isName = (text: string): boolean => adapterNameSchema.safeParse(text).success

test('what can be published can be named in an expression, and nothing else', () => {
  for (const name of ['style/speech', 'a', 'A_1', 'a-b.c', 'a..b', 'v1.', 'legal/2027', 'legal/_draft', 'mix', 'e5'])
    expect([name, isName(name), isNamed(name)]).toEqual([name, true, true])
  for (const text of ['', '2a', '.a', '-a', '_a', 'a/', 'a//b', 'a/.b', 'a/-b', 'a@1', 'a b', 'ä', 'a+b', '..', 'a/..', 'a/../b', './a', 'a\n'])
    expect([text, isName(text), isNamed(text)]).toEqual([text, false, false])
  const random = new Random('names')
  const characters = [...'aZ0_.-/@+* "é']
  for (let n = 0; n < 20_000; n++) {
    const text = Array.from({ length: 1 + random.integer(6) }, () => characters[random.integer(characters.length)]).join('')
    // What stands around a name is not part of it.
    if (text === text.trim()) expect([text, isNamed(text)]).toEqual([text, isName(text)])
  }
})

test.each(['mix', 'auto', 'experts', 'product', 'ensemble'])('%s is a name where no bracket follows, in a call of that name too', (name) => {
  expect(newNameSchema.safeParse(name).success).toBe(true)
  expect(parse(name)).toMatchObject({ kind: 'adapter', name })
  expect(parse(`base + 0.5*${name} + ${name}@2 + (${name})`)).toMatchObject({ terms: [{}, { of: { name } }, { name, version: 2 }, { kind: 'adapter', name }] })
  for (const text of [`${name}(${name}, 0.5*b)`, `${name}(a, ${name}@prod)`]) {
    expect(parse(text)).toMatchObject({ kind: name })
    expect(print(parse(text))).toBe(text)
  }
})

test('what an expression means otherwise is no name to publish under', () => {
  expect(newNameSchema.safeParse('base').error?.issues[0]?.message).toContain('"base" is the base model')
})

test.each(['content', 'versions', 'aliases', 'aliases/prod', 'probes', 'diff', 'rollback', 'gate'])("the path of …/%s is the API's own", (part) => {
  for (const name of [part, `style/${part}`]) expect(newNameSchema.safeParse(name).error?.issues[0]?.message, name).toContain("the API's own")
  for (const name of [`${part}/a/b`, `style-${part}`]) expect(newNameSchema.safeParse(name).success, name).toBe(true)
})

test('no part of a name leads out of a folder, or to nothing', () => {
  const random = new Random('paths')
  const characters = [...'a./-_']
  for (let n = 0; n < 20_000; n++) {
    const text = Array.from({ length: 1 + random.integer(8) }, () => characters[random.integer(characters.length)]).join('')
    if (!isName(text)) continue
    expect(new URL(`http://edge/v1/adapters/${text}`).pathname).toBe(`/v1/adapters/${text}`)
    expect(text.split('/').every((part) => part !== '' && !part.startsWith('.'))).toBe(true)
  }
})
