import type { AdapterObject } from '@weft/protocol'
import { expect, test } from 'vitest'
import { grouped, sizeInWords, taskInWords } from './grouped.ts'
import { edgesOf, layered } from './lineage/lineage.ts'

const adapter = (id: string, task: string, more: object = {}): AdapterObject => {
  const [name, version] = id.split('@')
  return { id, name, version: Number(version), task, base: { name: 'base' }, aliases: [], ...more } as unknown as AdapterObject
}

test('names stand by base and task, their versions newest first, with what the bare name stands for', () => {
  const all = [
    adapter('b@1', 'CAUSAL_LM'),
    adapter('b@2', 'CAUSAL_LM', { aliases: ['latest'] }),
    adapter('a@1', 'CAUSAL_LM', { aliases: ['latest', 'prod'] }),
    adapter('c@1', 'SEQ_CLS', { candidate: true }),
    adapter('a@2', 'CAUSAL_LM', { base: { name: 'another' } }),
  ]
  expect(
    grouped(all).map(({ base, task, names }) => [base, task, names.map(({ name, versions, current }) => [name, versions.map(({ id }) => id), current?.id])]),
  ).toEqual([
    ['another', 'CAUSAL_LM', [['a', ['a@2'], undefined]]],
    [
      'base',
      'CAUSAL_LM',
      [
        ['a', ['a@1'], 'a@1'],
        ['b', ['b@2', 'b@1'], 'b@2'],
      ],
    ],
    ['base', 'SEQ_CLS', [['c', ['c@1'], undefined]]],
  ])
  expect([sizeInWords(27_432), sizeInWords(5_500_000)]).toEqual(['27.4 kB', '5.5 MB'])
  expect(taskInWords('SEQ_CLS')).toBe('classifiers (SEQ_CLS)')
})

test('lineage: an edge for every adapter that another was made with, in layers from the oldest', () => {
  const made = (madeWith: string[]) => ({ madeWith })
  const all = [adapter('b@1', 'CAUSAL_LM', made([])), adapter('b@2', 'CAUSAL_LM', made(['b@1'])), adapter('c@1', 'CAUSAL_LM', made(['b@2', 'gone@1']))]
  const edges = edgesOf(all)
  expect(edges).toEqual([
    { from: 'b@1', to: 'b@2' },
    { from: 'b@2', to: 'c@1' },
    { from: 'gone@1', to: 'c@1' },
  ])
  expect(layered('b@2', edges)).toEqual([['b@1'], ['b@2'], ['c@1']])
  expect(layered('c@1', edges)).toEqual([['b@1'], ['b@2', 'gone@1'], ['c@1']])
  expect(layered('alone@1', edges)).toEqual([['alone@1']])
})
