import { expect, test } from 'vitest'
import { postgresStatement } from './postgres-statement.ts'

test('a text has no character that PostgreSQL has none for', () => {
  const { text, values } = postgresStatement("SELECT '?' FROM keys WHERE id = ?1 AND name = ?2", ['a\0b\0', 'c'])
  expect({ text, values }).toEqual({ text: "SELECT '?' FROM keys WHERE id = $1::text AND name = $2::text", values: ['a\ufffdb\ufffd', 'c'] })
})
