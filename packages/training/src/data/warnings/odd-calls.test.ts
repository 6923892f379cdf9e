import { readTrainingRows } from '@weft/protocol'
import { expect, test } from 'vitest'
import { oddCalls } from './odd-calls.ts'

const track = { name: 'track', parameters: { type: 'object', properties: { parcel: { type: 'integer' } }, required: ['parcel'] } }
const now = { name: 'now' }
const call = (name: string, given: unknown) => ({ type: 'function', function: { name, arguments: given } })
const row = (calls: object[], functions: object[] | null = [track, now], more: { weight?: number; row?: object } = {}) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: 'Where is parcel 7?' },
      { role: 'assistant', content: null, tool_calls: calls, ...(more.weight !== undefined && { weight: more.weight }) },
      ...(more.weight === undefined ? [] : [{ role: 'assistant', content: 'There.' }]),
    ],
    ...(functions && { tools: functions.map((each) => ({ type: 'function', function: each })) }),
    ...more.row,
  })
const said = async (...lines: string[]) => oddCalls((await readTrainingRows(lines.join('\n'))).rows, 'training')
const well = row([call('track', { parcel: 7 }), call('now', '{}')])

test('calls that keep to their schemas are nothing to speak of, nor rows of other kinds', async () => {
  expect(await said(well, row([call('track', '{"parcel": 12345678901234567890}')]))).toEqual([])
  expect(await said('{"text": "a"}')).toEqual([])
})

test('those that break one are counted, and the first is shown', async () => {
  expect(await said(well, '', row([call('now', {}), call('track', { parcel: '7' })]))).toEqual([
    '1 row has a call that breaks its function\'s schema, as no answer can: it is learned all the same. The first: line 3, messages[1].tool_calls[1] of "track": arguments.parcel: expected integer, got "7".',
  ])
  const [told, ...others] = await said(row([call('track', {})]), row([call('now', { zone: 'UTC' })]), row([call('track', { parcel: 7, to: 'Bern' })]))
  expect(told).toMatch(
    /^3 rows have calls that break .* The first: line 1, messages\[1\].tool_calls\[0\] of "track": arguments.parcel: it is required and missing\.$/,
  )
  expect(others).toEqual([])
})

test('those with arguments in another order than answers have them are counted, unless they break it as well', async () => {
  const send = { name: 'send', parameters: { type: 'object', properties: { parcel: { type: 'integer' }, to: { type: 'string' } } } }
  const given = [{ parcel: 1, to: 'Bern' }, { to: 'Bern' }, { to: 'Bern', parcel: 1 }, { to: 'Bern', parcel: '1' }]
  const told = await said(...given.map((one) => row([call('send', one)], [send])))
  expect(told).toEqual([
    expect.stringMatching(/^1 row has a call that breaks .* The first: line 4, /),
    expect.stringMatching(
      /^1 row has a call with arguments in another order .* The first: line 3, messages\[1\].tool_calls\[0\] of "send": arguments.parcel stands too late\.$/,
    ),
  ])
})

test('calls without functions are counted apart', async () => {
  expect(await said(well, row([call('track', { parcel: '7' })], null), row([call('now', {})], []))).toEqual([
    '2 rows have calls and no "tools": they are learned behind prompts that tell of no function, which no request for a call has. The first: line 2, messages[1] calls "track".',
  ])
})

test('what is read and not learned is as it was', async () => {
  expect(await said(row([call('track', {})], [track], { weight: 0 }), row([call('track', {})], null, { weight: 0 }))).toEqual([])
  expect(await said(row([call('track', {})], [track], { row: { weight: 0 } }), well)).toEqual([])
})

test('a schema that means nothing is refused as in a request, of rows without calls too', async () => {
  const banana = { name: 'peel', strict: true, parameters: { type: 'object', properties: { a: { type: 'banana' } } } }
  const text = (functions: object[]) => row([], functions).replace('null', '"a"')
  await expect(said(well, text([now, banana]))).rejects.toMatchObject({
    code: 'unsupported_schema',
    message: expect.stringMatching(
      /^training file, line 2: tools\[1\]\.function\.parameters: Function "peel": The JSON schema cannot be honoured at "#\/properties\/a\/type": "banana" is not among/,
    ),
    param: 'training',
    details: { line: 2, path: '#/properties/a/type', function: 'peel' },
  })
  expect(await said(text([{ ...banana, parameters: { type: 'object', properties: { a: { not: {} } } } }]))).toEqual([])
})
