import { expect, test } from 'vitest'
import * as errors from './errors.ts'

test.each([
  ['permission denied for schema public', '42501', /GRANT USAGE, CREATE ON SCHEMA public/],
  ['no schema has been selected to create in', '3F000', /GRANT USAGE, CREATE ON SCHEMA public/],
  ['database "none" does not exist', '3D000', /Make it first/],
  ['password authentication failed', '28P01', /are its address, user and password right/],
  ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', /Is it running/],
])('what PostgreSQL says (%s) decides what is advised', (message, code, advice) => {
  const { message: said } = errors.databaseUnreachable('postgres://me:secret@host/none', Object.assign(new Error(message), { code }))
  expect(said).toMatch(advice)
  expect(said).toContain(message)
  expect(/Is it running/.test(said)).toBe(!['42501', '3F000', '3D000'].includes(code))
})

test('a place is told without an option: weft serve names it by --database and --storage, weft move by --from and --to', () => {
  const told = [
    errors.databaseNotUnderstood('x:y'),
    errors.databaseUrlNotUnderstood('postgres://x'),
    errors.databaseNoFile('x', 'it is a folder'),
    errors.storageNotUnderstood('x:y'),
    errors.storageNoFolder('x'),
    errors.s3Variable('AWS_REGION'),
    errors.bucketMissing('x', 'https://s3'),
    errors.storageFilledBeforeNew('x', 'y'),
  ].map(({ message }) => message)
  for (const message of told) expect(message).not.toMatch(/--|weft serve/)
})
