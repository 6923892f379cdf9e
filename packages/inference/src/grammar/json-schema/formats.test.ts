import { isIPv6 } from 'node:net'
import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { DEAD } from '../automaton/automaton.ts'
import { automatonOf } from '../grammar.ts'

const of = (format: string) => automatonOf({ type: 'json_schema', schema: { type: 'string', format } })

const accepts = (format: string, value: string): boolean => {
  const automaton = of(format)
  let state = automaton.start
  for (const byte of new TextEncoder().encode(JSON.stringify(value))) state = automaton.next(state, byte)
  return state !== DEAD && automaton.isComplete(state)
}

/** Texts as they come of choosing any byte that may follow, and after `most` of them only what ends. */
function* drawn(format: string, count: number): Generator<string> {
  const [random, automaton] = [new Random(format), of(format)]
  for (let n = 0; n < count; n++) {
    const bytes: number[] = []
    const most = random.integer(120)
    for (let state = automaton.start; !automaton.isFinal(state); ) {
      automaton.allowSteps()
      const left = automaton.shortest[state]
      const may = [...Array(256).keys()].filter((byte) => {
        const next = automaton.next(state, byte)
        return next !== DEAD && (bytes.length < most || automaton.shortest[next] < left)
      })
      bytes.push(may[random.integer(may.length)])
      state = automaton.next(state, bytes.at(-1)!)
    }
    yield JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes)))
  }
}

/** RFC 3339, appendix A. */
const isDuration = (text: string): boolean => /^P(?!$)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$|^P\d+W$/.test(text) && !/Y\d+D|T\d+H\d+S/.test(text)

/** RFC 3986, with the host in letters or as an address. */
const isUri = (text: string): boolean =>
  /^https?:\/\/[a-z0-9.-]+(:\d+)?(\/([\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*)?(\?([\w.~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?(#([\w.~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?$/i.test(
    text,
  ) &&
  URL.canParse(text) &&
  text.length <= 2083

test.each([
  ['duration', isDuration],
  ['ipv6', isIPv6],
  ['uri', isUri],
])('every text of format %s is one', (format, isOne) => {
  for (const text of drawn(format, 300)) expect({ text, isOne: isOne(text) }).toEqual({ text, isOne: true })
})

test.each([
  ['duration', 'P3DT4H5M PT0S P1Y2M3DT4H5M6S P2W P1M PT36H', 'P PT P1 P1YT P1Y3D PT1H5S P1W2D 3D P-1D'],
  [
    'ipv6',
    ':: ::1 1:: 2001:db8::ff00:42:8329 fe80::1 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8',
    ': 1 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1::2::3 1:2:3:4::5:6:7:8 12345:: g:: :1 1:',
  ],
  [
    'uri',
    "https://example.com http://localhost:8080/a?b=c#d https://a-b.example.org/~x/%C3%A9;v=1?q=('*')&r https://192.168.0.1/",
    'example.com /a https:// https://-a.com https://a..b https://999.1.1.1 https://a.com/%2 https://a.com/é https://a.com#a#b https://a.com:99999',
  ],
])('format %s', (format, valid, invalid) => {
  for (const text of valid.split(' ')) expect({ text, is: accepts(format, text) }).toEqual({ text, is: true })
  for (const text of invalid.split(' ')) expect({ text, is: accepts(format, text) }).toEqual({ text, is: false })
})

test('lengths that leave a format as it is may stand beside it', () => {
  const compiled = (schema: object) => automatonOf({ type: 'json_schema', schema: { type: 'string', ...schema } })
  compiled({ format: 'uri', minLength: 1, maxLength: 2083 })
  compiled({ format: 'email', maxLength: 255 })
  compiled({ format: 'date', minLength: 10, maxLength: 10 })
  for (const [length, schema] of [
    ['maxLength', { format: 'uri', maxLength: 100 }],
    ['minLength', { format: 'date', minLength: 11 }],
    ['minLength', { pattern: 'a', minLength: 1 }],
  ] as const)
    expect(() => compiled(schema)).toThrow(expect.objectContaining({ code: 'unsupported_schema', details: { path: `#/${length}` } }))
})
