import { expect, test } from 'vitest'
import { markedLine, placeOfError } from './place-of-error.ts'
import { namesIn, spellTerms, termsOf } from './terms.ts'

test.each([
  ['base', 'base'],
  ['base + style/speech', 'base + style/speech'],
  ['base + 0.5*style/speech@2 + "Answer  \\"so\\"."', 'base + 0.5*style/speech@2 + "Answer  \\"so\\"."'],
  ['2*0.5*a', 'a'],
  ['0*a+b', '0*a + b'],
  ['mix(0.5*a, 0.5*b)', 'mix(0.5*a, 0.5*b)'],
  ['base + 0.5*(a + 2*b)', 'base + 0.5*(a + 2*b)'],
  ['0.5*experts(a, b) + c@prod', '0.5*experts(a, b) + c@prod'],
])('%s is read into chips and spelled again', (source, spelled) => {
  expect(spellTerms(termsOf(source))).toBe(spelled)
  expect(spellTerms(termsOf(spelled))).toBe(spelled)
})

test('a chip says what it is and how strong', () => {
  expect(termsOf('base + 0.25*style/speech + "Hi." + mix(a, b)')).toEqual([
    { kind: 'name', weight: 1, spelled: 'base' },
    { kind: 'name', weight: 0.25, spelled: 'style/speech' },
    { kind: 'text', weight: 1, spelled: '"Hi."' },
    { kind: 'part', weight: 1, spelled: 'mix(a, b)' },
  ])
  for (const whole of ['auto(a, 0.5*b)', 'experts(a, b)', 'product(a, b)', 'ensemble(a, b)'])
    expect(termsOf(`base + ${whole}`)[1]).toMatchObject({ kind: 'whole' })
  expect(namesIn('base + mix(a@2, 0.5*b) + "c"')).toEqual(['base', 'a@2', 'b'])
  expect(namesIn('base +')).toEqual([])
})

const failureOf = (source: string): unknown => {
  try {
    return termsOf(source)
  } catch (error) {
    return error
  }
}

test('an error stands under its character', () => {
  for (const [source, place] of [
    ['base + + a', 7],
    ['base + "open', 7],
    ['base +', 6],
    ['a b', 2],
    ['1e400*a', 0],
    ['base + 2000000*a', 7],
    ['base + 0.5*mix(a, -1e400*b)', 18],
    ['base + 2*(a + 1e4*1e4*b)', 18],
  ] as const) {
    expect(placeOfError(failureOf(source), source)).toBe(place)
    const [line, mark] = markedLine(source, place).split('\n')
    expect(mark!.indexOf('^')).toBe(place)
    expect(line).toBe(source)
  }
  const long = `${'a + '.repeat(20)}*`
  const [line, mark] = markedLine(long, placeOfError(failureOf(long), long)!).split('\n')
  expect(line![mark!.indexOf('^')]).toBe('*')
})

test('a name that the edge does not know stands under the place where it was written', () => {
  const error = Object.assign(new Error('There is no adapter "style/spech"; did you mean "style/speech"?'), {
    code: 'adapter_not_found',
    status: 404,
    fault: 'caller',
    param: 'model',
  })
  expect(placeOfError(error, 'base + style/spech')).toBe(7)
  expect(placeOfError(error, 'base + other')).toBeUndefined()
  expect(placeOfError(new Error('no'), 'base')).toBeUndefined()
})
