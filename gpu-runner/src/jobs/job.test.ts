import { expect, test } from 'vitest'
import { Job, type JobRequest } from './job.ts'

const data = { type: 'data', rows: 9, validationRows: 1, maxLength: 44, unlearnedRows: 0, leftOutRows: 0, tokens: 300, epochs: 1, totalSteps: 3 } as const

test.each([
  [0, []],
  [1, ['1 row is longer than 44 tokens and cut to them']],
  [4, ['4 rows are longer than 44 tokens and cut to them']],
])('%i rows that were cut are told', (truncatedRows, told) => {
  const job = new Job('ftjob-1', 'same', {} as JobRequest)
  job.note({ ...data, truncatedRows })
  const { events } = job.view()
  expect(events.find(({ message }) => message === '9 rows, 300 tokens, 3 steps')).toMatchObject({ level: 'info', data: { truncatedRows } })
  expect(events.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual(told)
  // Who shows the verdict at the end knows by this what was told before.
  for (const { data } of events.filter(({ level }) => level === 'warn')) expect(data).toEqual({ finding: 'truncated_rows' })
})

test('rows of which all that is learned was cut off are told', () => {
  const told = [1, 2].map((unlearnedRows) => {
    const job = new Job('ftjob-1', 'same', {} as JobRequest)
    job.note({ ...data, truncatedRows: 0, unlearnedRows })
    return job.view().events.filter(({ level }) => level === 'warn')
  })
  expect(told.map(([{ message }]) => message)).toEqual([
    '1 row teaches nothing: of the 44 tokens that are kept of a row none is one that is learned',
    '2 rows teach nothing: of the 44 tokens that are kept of a row none is one that is learned',
  ])
  expect(told.map(([event, ...more]) => [event.data, more])).toEqual([
    [{ finding: 'rows_unlearned' }, []],
    [{ finding: 'rows_unlearned' }, []],
  ])
})

test('rows that were left out for another reason are told, as a note', () => {
  const told = [0, 1, 2].map((leftOutRows) => {
    const job = new Job('ftjob-1', 'same', {} as JobRequest)
    job.note({ ...data, truncatedRows: 0, leftOutRows })
    return job.view().events.filter(({ data }) => data?.finding === 'rows_left_out')
  })
  expect(told.map((events) => events.map(({ level, message }) => [level, message]))).toEqual([
    [],
    [['info', '1 row is left out: it weighs 0, or nothing in it can be learned']],
    [['info', '2 rows are left out: they weigh 0, or nothing in them can be learned']],
  ])
})

test('why it failed is told once: as its error, and not among the events that the edge tells beside it', () => {
  const job = new Job('ftjob-1', 'same', {} as JobRequest)
  const error = { code: 'nothing_to_learn', message: 'Nothing of the training file carries a loss.' }
  job.end('failed', error)
  const { events, ...view } = job.view()
  expect(view).toMatchObject({ status: 'failed', error })
  expect(events.map(({ level, message }) => [level, message])).toEqual([
    ['info', 'queued'],
    ['error', 'failed'],
  ])
})

test('what comes before a step is told, and is progress', () => {
  const job = new Job('ftjob-1', 'same', {} as JobRequest)
  job.note({ type: 'preparing', step: 0, totalSteps: 3, work: 'rounding', share: 0.3 })
  job.note({ type: 'preparing', step: 0, totalSteps: 3, work: 'reading', share: 0 })
  const { events } = job.view()
  expect(events.slice(-2)).toMatchObject([
    { type: 'message', level: 'info', message: 'preparing: frozen layers are rounded to 8 bits, 30 %', data: { step: 0, totalSteps: 3, share: 0.3 } },
    { type: 'message', level: 'info', message: 'preparing: the document is read, 0 %' },
  ])
})
