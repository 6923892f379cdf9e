import { expect, test } from 'vitest'
import { bytes, duration, table } from './output.ts'

test('tables align words to the left and numbers to the right', () => {
  expect(
    table(
      ['name', 'loss'],
      [
        ['a', '1.5'],
        ['style/x', '12.25'],
      ],
    ),
  ).toBe('name      loss\na          1.5\nstyle/x  12.25')
})

test('a name cannot break a table, nor write on the terminal beside it', () => {
  const name = `\u001b[31mred\nkey\u202e \u0085${String.fromCodePoint(0x1f600)}`
  expect(
    table(
      ['name', 'of'],
      [
        [name, 'a'],
        ['b', 'c'],
      ],
    ).split('\n'),
  ).toEqual([
    'name                             of',
    `\\u001b[31mred⏎key\\u202e \\u0085${String.fromCodePoint(0x1f600)}  a`,
    'b                                c',
  ])
})

test('times and sizes', () => {
  expect([duration(42.4), duration(65), duration(-1)]).toEqual(['42 s', '1:05 min', '0 s'])
  expect([12, 2048, 186_712, 999_960, 11e6].map(bytes)).toEqual(['12 B', '2.0 kB', '186.7 kB', '1.0 MB', '11.0 MB'])
})
