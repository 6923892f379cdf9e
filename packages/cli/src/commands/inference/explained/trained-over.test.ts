import { expect, test } from 'vitest'
import { trainedOverLines } from './trained-over.ts'

const reference = (id: string, digest: string, on?: string) => ({ written: id, id, version: 1, digest, ...(on === undefined ? {} : { on }) })
const term = (digest: string, weight = 1) => ({ digest, weight })
const [beneath, over] = [reference('t/lora@1', 'sha256:a'), reference('q/on@1', 'sha256:b', 't/lora@1 + "Be brief."')]
const said = 'q/on@1 was trained over t/lora@1, which does not run beneath it here: t/lora@1 + "Be brief." + q/on@1'

test.each([
  ['without it', { canonical: 'sha256:b', terms: [], references: [over] }, [said]],
  ['with it', { canonical: 'sha256:b + sha256:a', terms: [term('sha256:a'), term('sha256:b')], references: [beneath, over] }, []],
  [
    'with another version of it',
    { canonical: 'sha256:c + sha256:b', terms: [term('sha256:c'), term('sha256:b')], references: [reference('t/lora@2', 'sha256:c'), over] },
    [said],
  ],
  ['with it at strength 0', { canonical: 'sha256:b', terms: [], references: [beneath, over] }, [said]],
  ['over nothing', { canonical: 'sha256:a', terms: [term('sha256:a')], references: [beneath] }, []],
  [
    'with more of it',
    { canonical: '2*sha256:a + sha256:b', terms: [term('sha256:a', 2), term('sha256:b')], references: [beneath, over] },
    ['q/on@1 was trained over t/lora@1 at strength 1, which is 2 here: t/lora@1 + "Be brief." + q/on@1'],
  ],
  [
    'over a share of it, and with that share',
    {
      canonical: '0.5*sha256:a + sha256:b',
      terms: [term('sha256:a', 0.5), term('sha256:b')],
      references: [beneath, reference('q/on@1', 'sha256:b', '0.5*t/lora@1')],
    },
    [],
  ],
])('what was trained over another, %s', (_, answer, lines) => expect(trainedOverLines(answer)).toEqual(lines))

test('each operand runs by itself', () => {
  const operand = (canonical: string) => ({ canonical, terms: [] })
  const answer = { canonical: 'experts(sha256:a, sha256:b)', terms: [], references: [beneath, over] }
  expect(trainedOverLines({ ...answer, outputs: { operands: [operand('sha256:a'), operand('sha256:b')] } })).toEqual([said])
  expect(trainedOverLines({ ...answer, outputs: { operands: [operand('sha256:a + sha256:b'), operand('sha256:a')] } })).toEqual([])
})

test('several that are missing are told in one line', () => {
  expect(trainedOverLines({ canonical: 'sha256:b', terms: [], references: [reference('q/on@1', 'sha256:b', 'a@1 + 0.5*b@2')] })).toEqual([
    'q/on@1 was trained over a@1 and b@2, which do not run beneath it here: a@1 + 0.5*b@2 + q/on@1',
  ])
})
