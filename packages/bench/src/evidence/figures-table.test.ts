import { expect, test } from 'vitest'
import { figuresTable } from './figures-table.ts'

const head = ['model', 'way', 'one', 'two']

test('a line of which nothing was run is named below the table, one that was run in part stays', () => {
  const table = figuresTable(2, head, [
    ['small', 'sum', '0.5', 'not run'],
    ['small', 'product', 'not run', 'not run'],
    ['large', 'sum', 'not run', '–'],
  ])
  expect(table).toBe('| model | way | one | two |\n| --- | --- | --- | --- |\n| small | sum | 0.5 | not run |\n\nNot run: small, product; large, sum.')
})

test('a line of dashes alone is a line: there is no such thing, and nothing to run', () =>
  expect(figuresTable(1, ['way', 'one'], [['sum', '–']])).toBe('| way | one |\n| --- | --- |\n| sum | – |'))

test('where nothing was run there is no table', () => expect(figuresTable(1, ['way', 'one'], [['sum', 'not run']])).toBe('Not run: sum.'))

test('where all was run nothing is said to be missing', () => expect(figuresTable(1, ['way', 'one'], [['sum', '1']])).not.toContain('Not run'))

test('of two tables below one another each says what it leaves out', () =>
  expect(figuresTable(1, ['way', 'time'], [['sum', 'not run']], 'Time not run')).toBe('Time not run: sum.'))
